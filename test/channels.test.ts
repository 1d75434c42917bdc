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
  const url = `http://127.0.0.1:${port}/`;
  const created = await ana.ok(['webhook', 'create', url, '--namespace', 'acme']);
  expect([created.stdout, created.stderr]).toEqual([
    expect.stringMatching(/^whsec_\S+\n$/),
    expect.stringContaining(`sends every topic of acme to ${url}`),
  ]);

  const set = await ana.ok(['channel', 'set', 'acme/deploy@1.0.0', 'stable', '--yes']);
  expect(set.stdout).toBe('acme/deploy@stable is 1.0.0\n');
  const flow = await writeFlow(ana, 'acme/deploy', '2.0.0-rc.1');
  const published = await ana.ok(['publish', flow, '--key', 'a', '--yes', '--channel', 'beta']);
  expect(published.stderr).toContain(' · beta 2.0.0-rc.1 · ');
  const listed = await ana.ok(['channel', 'list', 'acme/deploy']);
  expect(listed.stdout.split('\n').slice(0, 3)).toEqual([
    'beta\t2.0.0-rc.1\t',
    'latest\t1.1.0\tfollows the highest stable version',
    'stable\t1.0.0\t',
  ]);
  expect(await json(ana, ['fetch', 'acme/deploy@beta', '--yes'])).toMatchObject({ version: '2.0.0-rc.1' });
  expect(await refusal(ana, ['channel', 'set', 'acme/deploy@1.0.0', 'v1', '--yes'])).toEqual([
    'channel.name_refused',
    2,
  ]);
  expect(await refusal(ana, ['channel', 'remove', 'acme/deploy', 'never'])).toEqual(['channel.not_found', 4]);
  await ana.ok(['yank', 'acme/deploy@1.0.0', '--reason', 'broken', '--yes']);
  expect((await ana.ok(['channel', 'list', 'acme/deploy'])).stdout).toContain(
    'stable\t1.0.0\tyanked: it is not taken',
  );
  expect(await refusal(ana, ['fetch', 'acme/deploy@stable', '--yes'])).toEqual(['version.unresolved', 4]);
  expect((await ana.ok(['channel', 'remove', 'acme/deploy', 'stable', '--yes'])).stdout).toBe(
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

test('a webhook is listed with its deliveries, changed, stopped and removed', async () => {
  const { webhooks } = await json(ana, ['webhook', 'list', '--namespace', 'acme']);
  const [{ id }] = webhooks as readonly [{ readonly id: string }];
  const { deliveries } = await json(ana, ['webhook', 'deliveries', id, '--state', 'delivered']);
  const [newest] = deliveries as readonly [{ readonly id: string; readonly topic: string }];
  expect(newest).toMatchObject({ topic: 'channel.removed', status: 204 });

  const before = topics.length;
  await json(ana, ['webhook', 'redeliver', id, newest.id]);
  await expect.poll(() => topics.slice(before), { timeout: 20_000 }).toEqual(['channel.removed']);

  for (const [topic, help] of [
    ['release.yankd', 'did you mean --topic release.yanked'],
    ['zzz', 'use one of those listed'],
  ] as const) {
    const { code, stderr } = await ana.sheaf(['webhook', 'change', id, '--topic', topic, '--yes']);
    expect(code).toBe(2);
    expect(stderr).not.toContain('it is told of');
    expect(stderr).toContain(
      `error[usage.invalid_value]: --topic "${topic}" is unknown\n  workflow.published `,
    );
    expect(stderr).toContain(`help: ${help}\n`);
  }
  const change = ['webhook', 'change', id, '--topic', 'release.yanked', '--disable'];
  expect(await refusal(ana, change)).toEqual(['approval.required', 5]);
  const changed = await json(ana, [...change, '--yes']);
  expect(changed).toMatchObject({ topics: ['release.yanked'], enabled: false });
  expect((await ana.ok(['webhook', 'list', '--namespace', 'acme'])).stdout).toContain(
    'release.yanked\tstopped: it was switched off',
  );
  expect(await refusal(ana, ['webhook', 'redeliver', id, newest.id])).toEqual(['state.conflict', 1]);
  expect(await json(ana, ['webhook', 'secret', id])).toMatchObject({
    secret: expect.stringMatching(/^whsec_/) as string,
    oldSecretUntil: expect.any(String) as string,
  });
  expect(await refusal(ana, ['webhook', 'remove', id])).toEqual(['approval.required', 5]);
  const removed = await ana.ok(['webhook', 'remove', id, '--yes']);
  expect(removed.stderr).toContain(`${id} removed: told of nothing any more`);
  const again = await ana.sheaf(['webhook', 'remove', id, '--yes']);
  expect([again.code, again.stderr]).toEqual([4, expect.not.stringContaining('told of nothing') as string]);
  expect(await refusal(ana, ['webhook', 'deliveries', id])).toEqual(['webhook.not_found', 4]);
}, 60_000);

test('an old publish that is run again leaves a channel at a higher version, and says how to move it', async () => {
  const old = await writeFlow(ana, 'acme/rerun', '1.0.0');
  const publish = ['--key', 'a', '--yes', '--channel', 'stable'];
  await ana.ok(['publish', old, ...publish]);
  const other = await writeFlow(ana, 'acme/rerun-too', '1.0.0');
  await ana.ok(['publish', await writeFlow(ana, 'acme/rerun', '1.10.0'), ...publish]);
  await writeFlow(ana, 'acme/rerun', '1.9.0');
  await ana.ok(['publish', old, '--key', 'a', '--yes']);

  const stays =
    'stable stays at 1.10.0, which is higher; to point it there: sheaf channel set acme/rerun@1.9.0 stable';
  expect((await ana.ok(['publish', old, ...publish])).stderr).toContain(stays);
  expect(await json(ana, ['publish', old, ...publish])).toMatchObject({
    status: 'unchanged',
    channel: { name: 'stable', version: '1.10.0', kept: 'higher' },
  });
  expect((await ana.ok(['publish', old, other, ...publish])).stderr).toContain(stays);
  const stable = async (id: string) => (await ana.ok(['channel', 'list', id])).stdout.split('\n')[1];
  expect(await stable('acme/rerun')).toBe('stable\t1.10.0\t');
  expect(await stable('acme/rerun-too')).toBe('stable\t1.0.0\t');

  await ana.ok(['channel', 'set', 'acme/rerun@1.0.0', 'stable', '--yes']);
  await ana.ok(['publish', old, ...publish]);
  expect(await stable('acme/rerun')).toBe('stable\t1.9.0\t');
}, 120_000);
