import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLyingProxy } from './support/lying-proxy.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';
import { createPerson, signIn, type Person } from './support/sheaf.js';
import { publishMark } from './support/victim.js';
import { startWitnessProcess, type WitnessProcess } from './support/witness-process.js';

/** A registry whose log two witnesses cosign, and readers who ask for their signatures. */
const NAMES = ['one.example', 'two.example'];

let dir: string;
let registry: RegistryProcess;
let witnesses: WitnessProcess[];
let logKey: string;
let author: Person;
let strict: Person;
let lenient: Person;

beforeAll(async () => {
  dir = await makeTempDir();
  const dataDir = join(dir, 'data');
  // A witness must know the log's key, which the registry makes when it first starts.
  registry = await startRegistryProcess({ dataDir });
  const port = Number(new URL(registry.url).port);
  const document = await (await fetch(`${registry.url}/.well-known/sheaf-registry`)).json();
  logKey = (document as { logs: { key: string }[] }).logs[0]?.key ?? '';
  await registry.stop();
  witnesses = await Promise.all(NAMES.map((_, i) => startWitness(i)));
  const endpoints = witnesses.map(({ url, key }) => `${url} ${key}`).join('\n');
  registry = await startRegistryProcess({
    dataDir,
    port,
    env: { SHEAF_WITNESSES: endpoints, SHEAF_WITNESS_TIMEOUT_MS: '4000' },
  });
  author = await createPerson(join(dir, 'author'));
  await signIn(author, registry, 'acme');
  strict = await createReader('strict', 'all');
  lenient = await createReader('lenient', 'any');
}, 120_000);
afterAll(async () => {
  await registry.stop();
  await Promise.all(witnesses.map((witness) => witness.stop()));
  await removeDir(dir);
});

function startWitness(i: number, port?: number): Promise<WitnessProcess> {
  return startWitnessProcess({
    dataDir: join(dir, `witness ${i}`),
    name: NAMES[i] ?? '',
    logKey,
    ...(port === undefined ? {} : { port }),
  });
}

/** Somebody whose witness policy asks for `all` or for `any` of the two. */
async function createReader(name: string, threshold: 'all' | 'any', url = registry.url): Promise<Person> {
  const person = await createPerson(join(dir, name), { SHEAF_REGISTRY: url });
  const folder = join(person.home, '.config/sheaf');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lines = witnesses.map(({ key }, i) => `witness w${i} ${key}`);
  const policy = [`log ${logKey}`, ...lines, `group both ${threshold} w0 w1`, 'quorum both', ''].join('\n');
  await writeFile(join(folder, 'witness.policy'), policy, { mode: 0o600 });
  return person;
}

const marker = () => join(dir, 'it-ran');

test('a release is taken while both cosign, refused while one of them is away, and taken when it is back', async () => {
  await publishMark(dir, author, 'acme/mark', '1.0.0');
  for (const reader of [strict, lenient]) await reader.ok(['fetch', 'acme/mark@1.0.0', '--yes']);
  expect((await strict.ok(['verify', 'acme/mark@1.0.0'])).stdout).toContain('2 of 2 witnesses');

  const [, second] = witnesses;
  await second?.stop();
  await publishMark(dir, author, 'acme/mark', '1.1.0');
  const refused = await strict.sheaf(['run', 'acme/mark@1.1.0', '--yes']);
  expect(refused.stderr).toContain('error[witness.quorum]: ');
  expect(refused.stderr).toContain('nothing was unpacked or run');
  expect({ exit: refused.code, stdout: refused.stdout }).toEqual({ exit: 3, stdout: '' });
  expect(existsSync(marker())).toBe(false);
  // Also what was taken before: the newest checkpoint says how its log went on, and one witness has not seen it.
  expect((await strict.sheaf(['run', 'acme/mark@1.0.0', '--yes'])).code).toBe(3);
  expect(existsSync(marker())).toBe(false);
  await lenient.ok(['verify', 'acme/mark@1.1.0', '--yes']);

  witnesses = [...witnesses.slice(0, 1), await startWitness(1, Number(new URL(second?.url ?? '').port))];
  await untilCosigned(2);
  await strict.ok(['run', 'acme/mark@1.1.0', '--yes']);
  expect(existsSync(marker())).toBe(true);
}, 120_000);

test('a cosignature that was taken off on the way, or put under another checkpoint, does not count', async () => {
  const proxy = await startLyingProxy(registry.url);
  const reader = await createReader('proxied', 'all', proxy.url);
  await reader.ok(['login', proxy.url, '--yes']);
  const note = await newestNote();
  const lines = note.split('\n');
  proxy.tell((path) =>
    path.endsWith('/checkpoint')
      ? Buffer.from(lines.filter((line) => !line.startsWith('— two.example ')).join('\n'))
      : undefined,
  );
  expect(await refusal(reader)).toBe('witness.quorum');

  await publishMark(dir, author, 'acme/mark', '1.2.0');
  await untilCosigned(2);
  const old = note.match(/^— (?:one|two)\.example .*\n/gm)?.join('') ?? '';
  proxy.tell((path, honest) =>
    path.endsWith('/checkpoint')
      ? Buffer.from(honest.toString().replaceAll(/^— (?:one|two)\.example .*\n/gm, '') + old)
      : undefined,
  );
  expect(await refusal(reader)).toBe('witness.signature');
  proxy.tell(() => undefined);
  await reader.ok(['verify', 'acme/mark@1.0.0', '--yes']);
  await proxy.close();
}, 60_000);

test('a registry that goes on showing one checkpoint is believed for as long as the policy says', async () => {
  const reader = await createReader('impatient', 'all');
  const [origin = ''] = logKey.split('/', 1);
  const path = join(reader.home, '.config/sheaf/trust.toml');
  const rule = (maxAge: string) =>
    `version = 1\n\n[[registry]]\norigin = "${origin}"\nlog_key = "${logKey}"\nmax_age = "${maxAge}"\n`;
  await writeFile(path, rule('1h'), { mode: 0o600 });
  await reader.ok(['fetch', 'acme/mark@1.0.0', '--yes']);
  await writeFile(path, rule('1s'), { mode: 0o600 });
  await sleep(2_000);
  expect(await refusal(reader)).toBe('log.stale');
}, 60_000);

async function refusal(reader: Person): Promise<string> {
  const { code, stdout, stderr } = await reader.sheaf(['fetch', 'acme/mark@1.0.0', '--yes']);
  expect({ code, stdout }, stderr).toEqual({ code: 3, stdout: '' });
  return /^error\[(.*)\]: /m.exec(stderr)?.[1] ?? '';
}

async function newestNote(): Promise<string> {
  return (await fetch(`${registry.url}/log/public/checkpoint`)).text();
}

/** The registry asks again for what is missing, by itself: a witness that failed, half a minute later. */
async function untilCosigned(count: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if ((await newestNote()).match(/^— (?:one|two)\.example /gm)?.length === count) return;
    await sleep(200);
  }
  throw new Error(`the newest checkpoint was not cosigned by ${count} witnesses:\n${await newestNote()}`);
}
