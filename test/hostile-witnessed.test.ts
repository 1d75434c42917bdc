import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MEDIA_TYPES } from '@sheaf/client/contract';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { standingAnswer, standingOf } from './support/forged-release.js';
import { startLyingProxy } from './support/lying-proxy.js';
import { makeTempDir, removeDir } from './support/registry-process.js';
import { createPerson, type Person } from './support/sheaf.js';
import { stealLog } from './support/stolen-log.js';
import { publishMark } from './support/victim.js';
import {
  cosignaturesOf,
  startWitnessedRegistry,
  type WitnessedRegistry,
} from './support/witnessed-registry.js';

/** A registry that lies to readers who have witnesses: about signatures, about time, and about what only they are shown. */
let dir: string;
let world: WitnessedRegistry;
beforeAll(async () => {
  dir = await makeTempDir();
  world = await startWitnessedRegistry(dir);
  await publishMark(dir, world.author, 'acme/mark', '1.0.0');
  await world.untilCosigned();
}, 120_000);
afterAll(async () => {
  await world.stop();
  await removeDir(dir);
});

test('a cosignature that was taken off on the way, or put under another checkpoint, does not count', async () => {
  const proxy = await startLyingProxy(world.registry.url);
  const reader = await world.createReader('proxied', 'all', proxy.url);
  await reader.ok(['login', proxy.url, '--yes']);
  const note = await world.newestNote();
  const [one = '', two = ''] = cosignaturesOf(note);
  proxy.tell((path) => (path.endsWith('/checkpoint') ? Buffer.from(note.replace(two, '')) : undefined));
  expect(await refusal(reader)).toBe('witness.quorum');

  await publishMark(dir, world.author, 'acme/mark', '1.2.0');
  await world.untilCosigned();
  proxy.tell((path, honest) => {
    if (!path.endsWith('/checkpoint')) return undefined;
    const [now = ''] = cosignaturesOf(honest.toString());
    return Buffer.from(honest.toString().replace(now, one));
  });
  expect(await refusal(reader)).toBe('witness.signature');
  proxy.tell(() => undefined);
  await reader.ok(['verify', 'acme/mark@1.0.0', '--yes']);
  await proxy.close();
}, 60_000);

test('a registry that goes on showing one checkpoint is believed for as long as the policy says', async () => {
  const reader = await world.createReader('impatient', 'all');
  const [origin = ''] = world.logKey.split('/', 1);
  const path = join(reader.home, '.config/sheaf/trust.toml');
  const rule = (maxAge: string) =>
    `version = 1\n\n[[registry]]\norigin = "${origin}"\nlog_key = "${world.logKey}"\nmax_age = "${maxAge}"\n`;
  await writeFile(path, rule('1h'), { mode: 0o600 });
  await reader.ok(['fetch', 'acme/mark@1.0.0', '--yes']);
  await writeFile(path, rule('1s'), { mode: 0o600 });
  await sleep(2_000);
  expect(await refusal(reader)).toBe('log.stale');
}, 60_000);

test('what nobody but its reader was shown does not count, such as the end of a quarantine', async () => {
  const proxy = await startLyingProxy(world.registry.url);
  const reader = await world.createReader('told', 'all', proxy.url);
  const trusting = await createPerson(join(dir, 'trusting'), { SHEAF_REGISTRY: proxy.url });
  for (const person of [reader, trusting]) await person.ok(['login', proxy.url, '--yes']);
  await publishMark(dir, world.author, 'acme/mark', '2.0.0');
  const document = Buffer.from(
    await (await fetch(`${world.registry.url}/v1/workflows/acme/mark`)).arrayBuffer(),
  );
  const bundle = Buffer.from(
    await (await fetch(`${world.registry.url}/v1/workflows/acme/mark/2.0.0/download`)).arrayBuffer(),
  );
  await world.author.ok(['quarantine', 'acme/mark@2.0.0', '--reason', 'it deletes what it finds', '--yes']);
  await world.untilCosigned();

  // With the log's key it is written at the end of the very log, but no witness is asked.
  const log = await stealLog(world.registry);
  const ended = log.append({
    type: 'unquarantine',
    ns: parseNamespace('acme'),
    name: parseWorkflowName('mark'),
    version: parseVersion('2.0.0'),
  });
  const standing = standingAnswer(await standingOf(log, [ended]));
  proxy.tell((path) => {
    if (path === '/v1/workflows/acme/mark') return document;
    if (path.endsWith('/standing')) return standing;
    // A quarantine takes them away.
    if (path.startsWith('/v1/blobs/')) return { type: MEDIA_TYPES.bundle, invented: bundle };
    const tile = path.startsWith('/log/public/tile/') ? log.serve(path.slice(log.prefix.length)) : undefined;
    return tile && { type: 'application/octet-stream', invented: tile };
  });
  await trusting.ok(['verify', 'acme/mark@2.0.0', '--yes']);
  expect(await refusal(reader, '2.0.0')).toBe('witness.quorum');
  await proxy.close();
}, 60_000);

async function refusal(reader: Person, version = '1.0.0'): Promise<string> {
  const { code, stdout, stderr } = await reader.sheaf(['fetch', `acme/mark@${version}`, '--yes']);
  expect({ code, stdout }, stderr).toEqual({ code: 3, stdout: '' });
  return /^error\[(.*)\]: /m.exec(stderr)?.[1] ?? '';
}
