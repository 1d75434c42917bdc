import { publishWorkflow } from '@sheaf/client';
import { parseWorkflowId } from '@sheaf/workflow';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, KEY, openNamespace, pack, type Author } from '../support/author.js';
import { expectWhole, type Place } from '../support/fault-check.js';
import { startFaultDatabase, type FaultDatabase } from '../support/fault-database.js';
import { converge } from '../support/fault-retry.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from '../support/registry-process.js';
import { canMount, mountSmallDisk, type SmallDisk } from '../support/small-disk.js';

/** A disk without room, once for the blobs and once for PostgreSQL. */
const BLOBS_MB = 2;
/** Room for a new cluster and its write-ahead log. */
const DATABASE_MB = 160;
const ATTEMPTS = 400;

describe.skipIf(!(await canMount()))('a full disk', () => {
  let dir: string;
  let blobs: SmallDisk;
  let tables: SmallDisk;
  let database: FaultDatabase;
  let place: Place;
  let registry: RegistryProcess;
  let author: Author;
  beforeAll(async () => {
    dir = await makeTempDir();
    tables = await mountSmallDisk(join(dir, 'database'), DATABASE_MB);
    database = await startFaultDatabase(tables.dir);
    place = {
      dataDir: join(dir, 'data'),
      env: { SHEAF_ORIGIN: 'faults.example.com', DATABASE_URL: database.url },
    };
    await mkdir(place.dataDir);
    blobs = await mountSmallDisk(join(place.dataDir, 'blobs'), BLOBS_MB);
    registry = await startRegistryProcess(place);
    author = await connect(registry);
    await openNamespace(author);
  }, 180_000);
  afterAll(async () => {
    await author.client.close();
    await registry.stop();
    await database.stop();
    await blobs.unmount();
    await tables.unmount();
    await removeDir(dir);
  });

  test('of the blobs refuses uploads, keeps nothing of them, and takes them when there is room', async () => {
    await publishWorkflow({ ...author, key: KEY, packed: await pack('before', '1.0.0') });
    await blobs.fill();
    const packed = await pack('full', '1.0.0');
    await expect(publishWorkflow({ ...author, key: KEY, packed })).rejects.toMatchObject({
      code: 'service.storage_down',
    });
    await expect(author.client.getWorkflow(parseWorkflowId('acme/full'))).rejects.toMatchObject({
      code: 'workflow.not_found',
    });
    expect((await author.client.getWorkflow(parseWorkflowId('acme/before'))).versions).toHaveLength(1);
    await expectWhole(place);
    await blobs.free();
    expect((await converge(() => publishWorkflow({ ...author, key: KEY, packed }))).created).toBe(true);
    await expectWhole(place, ['--deep']);
  });

  test('of PostgreSQL refuses with a code, loses nothing that was acknowledged, and goes on when there is room', async () => {
    await tables.fill();
    const acknowledged: string[] = [];
    let refused: unknown;
    for (let i = 0; i < ATTEMPTS && refused === undefined; i += 1) {
      const version = `1.${i}.0`;
      await publishWorkflow({ ...author, key: KEY, packed: await pack('tables', version) }).then(
        () => acknowledged.push(version),
        (error: unknown) => {
          refused = error;
        },
      );
    }
    expect(refused).toMatchObject({ code: expect.stringMatching(/^service\./) as string });
    await tables.free();
    // A server that could not write its log may have ended, as it should; whoever runs it starts it again.
    const probe = () => publishWorkflow({ ...author, key: KEY, packed: probePacked });
    const probePacked = await pack('tables', '2.0.0');
    await converge(probe, 10_000).catch(async () => {
      await database.kill().catch(() => undefined);
      await database.start();
      await converge(probe, 60_000);
    });
    const again = await pack('tables', `1.${acknowledged.length}.0`);
    await converge(() => publishWorkflow({ ...author, key: KEY, packed: again }));
    const { versions } = await author.client.getWorkflow(parseWorkflowId('acme/tables'));
    expect(versions.map(({ version }) => version)).toEqual(expect.arrayContaining(acknowledged));
    expect(versions).toHaveLength(acknowledged.length + 2);
    await expectWhole(place, ['--deep']);
  });
});
