import { createRegistryClient, publishWorkflow } from '@sheaf/client';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, KEY, openNamespace, pack, type Author } from '../support/author.js';
import { hasCeph, startGateway, type Gateway } from '../support/ceph.js';
import { expectWhole, type Place } from '../support/fault-check.js';
import { startFaultDatabase, type FaultDatabase } from '../support/fault-database.js';
import { converge } from '../support/fault-retry.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from '../support/registry-process.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

/** What goes on while PostgreSQL or the object store is away, and that all of it does when they are back, without a restart. */
const READS = ['', '/1.0.0', '/1.0.0/receipt', '/1.0.0/download'].map(
  (path) => `/v1/workflows/acme/known${path}`,
);
const DOWN_LIMIT_MS = 30_000;
const POLL = { timeout: DOWN_LIMIT_MS };

interface Setting {
  readonly place: Place;
  readonly registry: RegistryProcess;
  readonly author: Author;
}

let dir: string;
let database: FaultDatabase;
beforeAll(async () => {
  dir = await makeTempDir();
  database = await startFaultDatabase(join(dir, 'database'));
}, 120_000);
afterAll(async () => {
  await database.stop();
  await removeDir(dir);
});

async function open(name: string, env: Readonly<Record<string, string>>): Promise<Setting> {
  const place = {
    dataDir: join(dir, name),
    env: { SHEAF_ORIGIN: 'faults.example.com', DATABASE_URL: database.url, ...env },
  };
  const registry = await startRegistryProcess(place);
  const author = await connect(registry);
  await openNamespace(author);
  await publishWorkflow({ ...author, key: KEY, packed: await pack('known', '1.0.0') });
  for (const path of READS) expect((await fetch(registry.url + path)).status).toBe(200);
  return { place, registry, author };
}

async function close({ registry, author }: Setting): Promise<void> {
  await author.client.close();
  await registry.stop();
}

async function problemOf(answer: Response): Promise<readonly [number, unknown, boolean]> {
  const { code } = (await answer.json()) as { readonly code: unknown };
  return [answer.status, code, Number(answer.headers.get('retry-after')) >= 1];
}

const deprecate = ({ registry }: Setting): Promise<Response> =>
  fetch(`${registry.url}/v1/workflows/acme/known/1.0.0/deprecate`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${registry.ownerToken}` },
    body: JSON.stringify({ reason: 'a newer one is better' }),
  });

describe('while PostgreSQL is down', () => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await open('without-database', {});
  }, 60_000);
  afterAll(() => close(setting));

  test.each(['its server was killed', 'its connections are refused'])(
    'because %s, reads and downloads go on, writes say when to come again, and everything is back without a restart',
    async (why) => {
      const { registry, author, place } = setting;
      // What was found is told for a second: it changes a little later than what it tells of.
      const readiness = async () => (await fetch(`${registry.url}/readyz`)).status;
      // What is held is dropped when the database is back, and held again once it was asked for.
      for (const path of READS) expect((await fetch(registry.url + path)).status).toBe(200);
      if (why === 'its server was killed') await database.kill();
      else database.proxy.down();
      for (const path of READS) expect((await fetch(registry.url + path)).status, path).toBe(200);
      expect(await problemOf(await deprecate(setting))).toEqual([503, 'service.database_down', true]);
      const packed = await pack('later', `1.${why.length}.0`);
      await expect(publishWorkflow({ ...author, key: KEY, packed })).rejects.toMatchObject({
        code: 'service.database_down',
      });
      expect((await fetch(`${registry.url}/healthz`)).status).toBe(200);
      await expect.poll(readiness, POLL).toBe(503);

      if (why === 'its server was killed') await database.start();
      else database.proxy.heal();
      await converge(() => publishWorkflow({ ...author, key: KEY, packed }), DOWN_LIMIT_MS);
      expect((await deprecate(setting)).status).toBe(200);
      await expect.poll(readiness, POLL).toBe(200);
      await expectWhole(place);
    },
  );
});

describe.skipIf(!hasCeph)('while the object store is down', () => {
  let gateway: Gateway;
  let store: TcpProxy;
  let second: FaultDatabase;
  let setting: Setting;
  beforeAll(async () => {
    await mkdir(join(dir, 'ceph'));
    gateway = await startGateway(join(dir, 'ceph'));
    const endpoint = new URL(gateway.env['SHEAF_S3_ENDPOINT'] ?? '');
    store = await startTcpProxy(Number(endpoint.port));
    endpoint.port = String(store.port);
    second = await startFaultDatabase(join(dir, 'second-database'));
    setting = await open('without-store', {
      ...gateway.env,
      SHEAF_S3_ENDPOINT: endpoint.href,
      DATABASE_URL: second.url,
    });
  }, 120_000);
  afterAll(async () => {
    await close(setting);
    await store.close();
    await gateway.stop();
    await second.stop();
  });

  test('metadata and held downloads go on, uploads say when to come again, and publishing is back without a restart', async () => {
    const { registry, author, place } = setting;
    store.down();
    for (const path of READS) expect((await fetch(registry.url + path)).status, path).toBe(200);
    // What nobody has asked for yet is answered from the database.
    const reader = createRegistryClient({ url: registry.url });
    expect((await reader.search({ text: 'known' })).hits).toHaveLength(1);
    await reader.close();
    const packed = await pack('upload', '1.0.0');
    await expect(publishWorkflow({ ...author, key: KEY, packed })).rejects.toMatchObject({
      code: 'service.storage_down',
    });
    expect((await fetch(`${registry.url}/v1/workflows/acme/upload`)).status).toBe(404);
    store.heal();
    await converge(() => publishWorkflow({ ...author, key: KEY, packed }), DOWN_LIMIT_MS);
    await expectWhole(place);
  });
});
