import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { json, refusal, writeFlow } from './support/namespace.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';
import { createPerson, signIn, type Person } from './support/sheaf.js';

/** Channels, the audit and a webhook, with the built programs. */
let dir: string;
let registry: RegistryProcess;
let ana: Person;
const topics: string[] = [];
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    topics.push((JSON.parse(Buffer.concat(chunks).toString()) as { topic: string }).topic);
    response.writeHead(204).end();
  });
});

beforeAll(async () => {
  dir = await makeTempDir();
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  registry = await startRegistryProcess({
    dataDir: join(dir, 'data'),
    env: { SHEAF_WEBHOOK_ALLOW: '127.0.0.0/8' },
  });
  ana = await createPerson(join(dir, 'ana'), { SHEAF_REGISTRY: registry.url });
  await signIn(ana, registry, 'a');
  await ana.ok(['namespace', 'create', 'acme']);
  await ana.ok(['key', 'register', 'acme', '--key', 'a']);
  for (const version of ['1.0.0', '1.1.0'])
    await ana.ok(['publish', await writeFlow(ana, 'acme/deploy', version), '--key', 'a', '--yes']);
}, 180_000);
afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await registry.stop();
  await removeDir(dir);
});

test('a channel is set, published to, listed, resolved and removed, and the audit and a webhook tell of it', async () => {
  const { port } = receiver.address() as AddressInfo;
  const created = await fetch(`${registry.url}/v1/webhooks`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${registry.ownerToken}` },
    body: JSON.stringify({ namespace: 'acme', url: `http://127.0.0.1:${port}/` }),
  });
  expect(created.status).toBe(201);

  const set = await ana.ok(['channel', 'set', 'acme/deploy@1.0.0', 'stable']);
  expect(set.stdout).toBe('acme/deploy@stable is 1.0.0\n');
  const flow = await writeFlow(ana, 'acme/deploy', '2.0.0-rc.1');
  await ana.ok(['publish', flow, '--key', 'a', '--yes', '--channel', 'beta']);
  const listed = await ana.ok(['channel', 'list', 'acme/deploy']);
  expect(listed.stdout.split('\n').slice(0, 3)).toEqual([
    'beta    2.0.0-rc.1',
    'latest  1.1.0  follows the highest stable version',
    'stable  1.0.0',
  ]);
  expect(await json(ana, ['fetch', 'acme/deploy@beta', '--yes'])).toMatchObject({ version: '2.0.0-rc.1' });
  expect(await refusal(ana, ['channel', 'set', 'acme/deploy@1.0.0', 'v1'])).toEqual([
    'channel.name_refused',
    2,
  ]);
  expect(await refusal(ana, ['channel', 'remove', 'acme/deploy', 'never'])).toEqual(['channel.not_found', 4]);
  await ana.ok(['yank', 'acme/deploy@1.0.0', '--reason', 'broken', '--yes']);
  expect((await ana.ok(['channel', 'list', 'acme/deploy'])).stdout).toContain(
    'stable  1.0.0  yanked: it is not taken',
  );
  expect(await refusal(ana, ['fetch', 'acme/deploy@stable', '--yes'])).toEqual(['version.unresolved', 4]);
  expect((await ana.ok(['channel', 'remove', 'acme/deploy', 'stable'])).stdout).toBe(
    'acme/deploy@stable removed\n',
  );

  const audit = await json(ana, ['audit', '--namespace', 'acme', '--limit', '3']);
  const records = audit['records'] as readonly { action: string }[];
  expect(records.map(({ action }) => action)).toEqual(['channel.remove', 'release.yank', 'channel.set']);
  for (let i = 0; i < 100 && topics.length < 5; i += 1) await sleep(100);
  expect([...topics].sort()).toEqual([
    'channel.moved',
    'channel.moved',
    'channel.removed',
    'release.yanked',
    'workflow.published',
  ]);
}, 120_000);
