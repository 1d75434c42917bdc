import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateSigningKey } from '@sheaf/bundle';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createHandler } from '../../src/app.js';
import { startListener } from '../../src/db/listener.js';
import { createReads } from '../../src/domain/reads/create-reads.js';
import { findTouch } from '../../src/domain/reads/touch.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { callJson, keyEvent, openNamespace, publish, PUBLISHER, sendKey } from '../support/upload.js';
import { ask } from './raw.js';

const WORKFLOW = '/v1/workflows/acme/deploy';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
  await publish(registry);
});
afterAll(() => registry.close());

async function versionsAt(url: string): Promise<string> {
  const { body } = await ask({ url }, WORKFLOW);
  const { versions } = JSON.parse(body.toString()) as { versions: { version: string; state: string }[] };
  return versions.map(({ version, state }) => `${version} ${state}`).join(', ');
}

test('whoever writes here and then reads here sees it, each time', async () => {
  for (let i = 1; i <= 10; i += 1) {
    const before = (await ask(registry, '/log/public/checkpoint')).body.toString();
    expect(await versionsAt(registry.url)).not.toContain(`1.0.${i}`);
    expect((await publish(registry, { version: `1.0.${i}` })).status).toBe(201);
    expect(await versionsAt(registry.url)).toContain(`1.0.${i} active`);
    expect((await ask(registry, '/log/public/checkpoint')).body.toString()).not.toBe(before);
  }
  const path = `${WORKFLOW}/1.0.1`;
  await ask(registry, path);
  await ask(registry, `${path}/download`);
  await callJson(registry, 'PUT', `${path}/quarantine`, { reason: 'harmful' });
  expect((JSON.parse((await ask(registry, path)).body.toString()) as { state: string }).state).toBe(
    'quarantined',
  );
  expect((await ask(registry, `${path}/download`)).status).toBe(403);
  await callJson(registry, 'DELETE', `${path}/quarantine`, undefined);
  expect((await ask(registry, `${path}/download`)).status).toBe(200);
});

test('readers who ask while a publish goes on never keep others from seeing it', async () => {
  const stop = new AbortController();
  const reading = (async () => {
    while (!stop.signal.aborted) await Promise.all([versionsAt(registry.url), versionsAt(registry.url)]);
  })();
  for (let i = 0; i < 20; i += 1) {
    await publish(registry, { version: `2.0.${i}` });
    expect(await versionsAt(registry.url)).toContain(`2.0.${i} active`);
  }
  stop.abort();
  await reading;
});

/** Another process on the same database, as far as reads go. */
async function startSecond() {
  const { deps } = registry;
  const reads = createReads(deps, {
    answerBytes: 1 << 20,
    blobBytes: 1 << 20,
    bundleBytes: 1 << 20,
    renderings: 2,
  });
  let listens = 0;
  const listener = startListener({
    url: registry.databaseUrl,
    onNotification: (payload) => {
      const touch = findTouch(payload);
      if (touch) reads.touch([touch]);
      else reads.forgetAnswers();
    },
    onListening: () => {
      reads.forgetAnswers();
      listens += 1;
    },
    onLost: () => undefined,
  });
  const server = createServer(createHandler({ ...deps, reads }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await vi.waitFor(() => {
    expect(listens).toBe(1);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reads,
    listens: () => listens,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await listener.close();
    },
  };
}

test('another process hears of a change, and of what a key event does to a whole namespace', async () => {
  const second = await startSecond();
  expect(await versionsAt(second.url)).not.toContain('3.0.0');
  await publish(registry, { version: '3.0.0' });
  await vi.waitFor(async () => {
    expect(await versionsAt(second.url)).toContain('3.0.0 active');
  });
  await ask(second, '/v1/namespaces/acme');
  await ask(second, '/log/public/checkpoint');
  const held = ['/v1/namespaces/acme', WORKFLOW, '/log/public/checkpoint'];
  expect(held.filter((path) => second.reads.open.find(path) === undefined)).toEqual([]);
  expect(
    (await sendKey(registry, keyEvent(registry, 'acme', [generateSigningKey(), PUBLISHER]))).status,
  ).toBe(201);
  await vi.waitFor(() => {
    expect(held.filter((path) => second.reads.open.find(path) !== undefined)).toEqual([]);
  });
  await second.close();
});

test('what is told and not understood drops everything', async () => {
  const second = await startSecond();
  await versionsAt(second.url);
  await sql`select pg_notify('sheaf', '{"all":true}')`.execute(registry.db);
  await vi.waitFor(() => {
    expect(second.reads.open.find(WORKFLOW)).toBeUndefined();
  });
  await second.close();
});

test('what changed while nobody listened is seen once somebody listens again', async () => {
  const second = await startSecond();
  expect(await versionsAt(second.url)).toContain('1.0.0 active');
  // As if the change had been told while the connection was down.
  await sql`update versions set state = 'deprecated', reason = 'old' where version = '1.0.0'`.execute(
    registry.db,
  );
  expect(await versionsAt(second.url)).toContain('1.0.0 active');
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'sheaf-registry changes' and datname = current_database()`.execute(registry.db);
  await vi.waitFor(async () => {
    expect(second.listens()).toBe(2);
    expect(await versionsAt(second.url)).toContain('1.0.0 deprecated');
  }, 5000);
  await second.close();
});
