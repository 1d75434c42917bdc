import { encodeReceipt } from '@sheaf/bundle';
import { publishWorkflow } from '@sheaf/client';
import { parseVersion, parseWorkflowId } from '@sheaf/workflow';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, KEY, openNamespace, pack, type Author } from '../support/author.js';
import { hasCeph, startGateway, type Gateway } from '../support/ceph.js';
import { expectWhole, type Place } from '../support/fault-check.js';
import { startFaultDatabase, type FaultDatabase } from '../support/fault-database.js';
import { converge, isPassing } from '../support/fault-retry.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from '../support/registry-process.js';
import { startTcpProxy, type Fault, type TcpProxy } from '../support/tcp-proxy.js';

/**
 * Connections to PostgreSQL and to the object store that break in the middle of a publish: each failure once before the
 * request has left, and once after it was done and the reply was lost. The publish fails in a way that says "again" or
 * succeeds all the same; the same again gives one version with one receipt; `check` finds nothing; no restart is needed.
 */
let dir: string;
let place: Place;
let database: FaultDatabase;
let gateway: Gateway | undefined;
let store: TcpProxy | undefined;
let registry: RegistryProcess;
let author: Author;
let made = 0;

beforeAll(async () => {
  dir = await makeTempDir();
  database = await startFaultDatabase(join(dir, 'database'));
  const env: Record<string, string> = { SHEAF_ORIGIN: 'faults.example.com', DATABASE_URL: database.url };
  if (hasCeph) {
    await mkdir(join(dir, 'ceph'));
    gateway = await startGateway(join(dir, 'ceph'));
    const endpoint = new URL(gateway.env['SHEAF_S3_ENDPOINT'] ?? '');
    store = await startTcpProxy(Number(endpoint.port));
    endpoint.port = String(store.port);
    Object.assign(env, gateway.env, { SHEAF_S3_ENDPOINT: endpoint.href });
  } else console.warn('SKIPPED: cutting S3 needs ceph-mon ceph-osd radosgw');
  place = { dataDir: join(dir, 'data'), env };
  registry = await startRegistryProcess(place);
  author = await connect(registry);
  await openNamespace(author);
}, 180_000);
afterAll(async () => {
  await author.client.close();
  await registry.stop();
  await store?.close();
  await gateway?.stop();
  await database.stop();
  await removeDir(dir);
});

type Outcome = 'published' | 'interrupted';

/** Publishes through a fault, then again without it. */
async function publishThrough(proxy: TcpProxy, fault: Fault): Promise<Outcome> {
  const name = `cut-${(made += 1)}`;
  const [id, version] = [parseWorkflowId(`acme/${name}`), parseVersion('1.0.0')];
  const packed = await pack(name, version);
  const publish = () => publishWorkflow({ ...author, key: KEY, packed });
  const happened = proxy.fail(fault);
  const first: unknown = await publish().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (first !== undefined)
    expect(isPassing(first), first instanceof Error ? first.message : 'no error').toBe(true);
  await Promise.race([happened, sleep(10_000).then(() => expect.fail('the fault did not happen'))]);
  proxy.heal();
  await converge(publish);
  const receipt = encodeReceipt(await author.client.getReceipt(id, version));
  expect((await publish()).created).toBe(false);
  expect(encodeReceipt(await author.client.getReceipt(id, version))).toEqual(receipt);
  const { versions } = await author.client.getWorkflow(id);
  expect(versions.map(({ digest }) => digest)).toEqual([packed.bundle.digest]);
  await author.client.getBlob(packed.bundle.digest, { sizeBytes: versions[0]?.blobSizeBytes ?? 0 });
  await expectWhole(place);
  return first === undefined ? 'published' : 'interrupted';
}

const BEFORE = { direction: 'request', afterBytes: 0 } as const;
const REPLY_LOST = { direction: 'answer', afterBytes: 0 } as const;
const WHEN = [
  ['before it was sent', BEFORE],
  ['when it was done and the reply was lost', REPLY_LOST],
] as const;

describe('PostgreSQL cut', () => {
  const REQUESTS = [
    ['the look at what is there', 'as before_version', 1],
    ['the version row', 'insert into versions', 1],
    ['the commit of the publish', 'commit', 1],
    ['the new tree', 'update log_state', 1],
    ['the commit of the log', 'commit', 2],
  ] as const;
  test.each(
    REQUESTS.flatMap(([what, request, nth]) => WHEN.map((when) => [what, ...when, request, nth] as const)),
  )('at %s, %s, leaves a publish that converges', async (_what, _when, at, request, nth) => {
    await publishThrough(database.proxy, { how: 'cut', request, nth, ...at });
  });

  test.each([
    ['request', 'cut'],
    ['answer', 'reset'],
  ] as const)('at bytes all over the %s, %s, loses nothing', async (direction, how) => {
    // How many bytes a publish takes, to cut within them.
    const measured = database.proxy.fail({ how: 'cut', direction, afterBytes: Number.MAX_SAFE_INTEGER });
    void measured;
    await publishWorkflow({ ...author, key: KEY, packed: await pack(`measured-${direction}`, '1.0.0') });
    const total = database.proxy.passed()[direction];
    database.proxy.heal();
    expect(total).toBeGreaterThan(1_000);
    const outcomes: Outcome[] = [];
    for (const part of [0.05, 0.3, 0.55, 0.8])
      outcomes.push(
        await publishThrough(database.proxy, { how, direction, afterBytes: Math.floor(total * part) }),
      );
    expect(outcomes).toContain('interrupted');
  });

  test('stalled for a moment, or slow, only delays a publish', async () => {
    const { proxy } = database;
    const happened = proxy.fail({ how: 'stall', direction: 'answer', request: 'commit' });
    const publishing = publishWorkflow({ ...author, key: KEY, packed: await pack('stalled', '1.0.0') });
    await happened;
    await sleep(1_500);
    proxy.heal();
    expect((await publishing).created).toBe(true);
    proxy.delay(20);
    const slow = await publishWorkflow({ ...author, key: KEY, packed: await pack('slow', '1.0.0') });
    proxy.heal();
    expect(slow.created).toBe(true);
    await expectWhole(place);
  });
});

describe.skipIf(!hasCeph)('the object store cut', () => {
  const REQUESTS = [
    ['the blob', '/b/sha256/'],
    ['the copy of the checkpoint', 'PUT /blobs/checkpoints/'],
    ['the look at the copy', 'GET /blobs'],
  ] as const;
  test.each(REQUESTS.flatMap(([what, request]) => WHEN.map((when) => [what, ...when, request] as const)))(
    'at %s, %s, leaves a publish that converges',
    async (_what, _when, at, request) => {
      if (!store) throw new Error('there is no object store');
      await publishThrough(store, { how: 'reset', request, ...at });
    },
  );
});

test('the same publish sent many times at once, while connections break, is one version with one receipt', async () => {
  const packed = await pack('twice', '1.0.0');
  const happened = database.proxy.fail({ how: 'reset', direction: 'answer', request: 'commit' });
  const results = await Promise.all(
    Array.from({ length: 6 }, () => converge(() => publishWorkflow({ ...author, key: KEY, packed }))),
  );
  await happened;
  expect(new Set(results.map(({ receipt }) => receipt.logIndex)).size).toBe(1);
  expect(results.filter(({ created }) => created).length).toBeLessThanOrEqual(1);
  await expectWhole(place);
});
