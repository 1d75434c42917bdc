import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { json, refusal } from './support/namespace.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';
import { createPerson, signIn, type Person } from './support/sheaf.js';
import { writeMark } from './support/victim.js';

/**
 * The life of a namespace's keys, told by two maintainers at machines of their own, and by those who use what they
 * publish. Each test goes on where the one before it ended.
 */
let dir: string;
let registry: RegistryProcess;
let ana: Person;
let bob: Person;
/** Trusts whoever signed first, and nobody else without being told. */
let reader: Person;
/** Like `reader`, but takes a new key that the one before has vouched for. */
let easygoing: Person;

const marker = () => join(dir, 'it-ran');
const ids = new Map<string, string>();
const idOf = (name: string) => ids.get(name) ?? '';

beforeAll(async () => {
  dir = await makeTempDir();
  registry = await startRegistryProcess({ dataDir: join(dir, 'data') });
  ana = await createPerson(join(dir, 'ana'));
  bob = await createPerson(join(dir, 'bob'));
  await signIn(ana, registry, 'ana1');
  const { token } = (await json(ana, ['token', 'create', '--name', 'bob'])) as { token: string };
  await signIn(bob, { url: registry.url, ownerToken: token }, 'bob');
  await ana.ok(['key', 'generate', '--name', 'ana2', '--no-passphrase']);
  for (const [person, name] of [
    [ana, 'ana1'],
    [ana, 'ana2'],
    [bob, 'bob'],
  ] as const)
    ids.set(name, ((await json(person, ['key', 'export', name])) as { id: string }).id);
  reader = await createReader('reader', '');
  easygoing = await createReader('easygoing', 'on_signer_change = "endorsed"\n');
}, 120_000);
afterAll(async () => {
  await registry.stop();
  await removeDir(dir);
});

async function createReader(name: string, policy: string): Promise<Person> {
  const person = await createPerson(join(dir, name), { SHEAF_REGISTRY: registry.url });
  const folder = join(person.home, '.config/sheaf');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'trust.toml'), `version = 1\n${policy}`, { mode: 0o600 });
  await person.ok(['login', registry.url, '--yes']);
  return person;
}

async function publish(
  person: Person,
  version: string,
  ...keys: readonly string[]
): Promise<{ readonly logIndex: number }> {
  const folder = await writeMark(dir, 'acme/mark', version);
  const signed = keys.flatMap((key) => ['--key', key]);
  return (await json(person, ['publish', folder, '--yes', ...signed])) as { logIndex: number };
}

const ref = (version: string) => `acme/mark@${version}`;
const verify = async (person: Person, version: string, ...flags: readonly string[]) =>
  (await person.ok(['verify', ref(version), '--yes', ...flags])).stdout;

/** The run ends with 3 and this code, and no step of it ran. */
async function refusesToRun(person: Person, version: string, code: string, ...flags: readonly string[]) {
  expect(await refusal(person, ['run', ref(version), '--yes', ...flags])).toEqual([code, 3]);
  expect(existsSync(marker())).toBe(false);
}

test('the first key is trusted at the first use', async () => {
  await publish(ana, '1.0.0', 'ana1');
  for (const person of [reader, easygoing])
    expect(await verify(person, '1.0.0')).toContain('verified acme/mark 1.0.0');
});

test('after a rotation what the old key signed stands, and the new key is a change', async () => {
  await ana.ok(['key', 'rotate', 'acme', '--from', 'ana1', '--to', 'ana2', '--yes']);
  expect(await verify(reader, '1.0.0')).toContain('as superseded');
  const folder = await writeMark(dir, 'acme/mark', '1.0.1');
  expect((await refusal(ana, ['publish', folder, '--yes', '--key', 'ana1']))[0]).toBe('key.revoked');

  await publish(ana, '1.1.0', 'ana2');
  await refusesToRun(reader, '1.1.0', 'signer.changed');
  await verify(easygoing, '1.1.0');
  await reader.ok(['trust', 'add', 'acme', '--key', idOf('ana1'), '--key', idOf('ana2')]);
  await verify(reader, '1.1.0');
});

test('a second maintainer joins, and from then on both must sign, each at their own machine', async () => {
  await bob.ok(['key', 'register', 'acme', '--key', 'bob', '--event', 'join.json']);
  await hand('join.json', bob, ana);
  await ana.ok(['key', 'sign', 'join.json', '--key', 'ana2', '--yes']);
  await ana.ok(['key', 'submit', 'join.json']);
  await ana.ok(['namespace', 'policy', 'acme', '--threshold', '2', '--key', 'ana2', '--event', 'two.json']);
  await hand('two.json', ana, bob);
  await bob.ok(['key', 'sign', 'two.json', '--key', 'bob', '--yes']);
  await bob.ok(['key', 'submit', 'two.json']);

  const folder = await writeMark(dir, 'acme/mark', '2.0.0');
  const alone = ['publish', folder, '--yes', '--key', 'ana2'];
  expect(await refusal(ana, alone)).toEqual(['key.threshold', 5]);
  await ana.ok(['pack', folder, '--sign', '--key', 'ana2', '-o', 'mark.sheaf']);
  expect(await refusal(ana, ['publish', 'mark.sheaf'])).toEqual(['key.threshold', 5]);
  await hand('mark.sheaf', ana, bob);
  await bob.ok(['pack', 'mark.sheaf', '--sign', '--key', 'bob', '--yes']);
  expect(await json(bob, ['publish', 'mark.sheaf'])).toMatchObject({ status: 'published' });
  expect(await verify(reader, '2.0.0')).toContain('verified acme/mark 2.0.0');
  await verify(reader, '1.1.0');
});

test('whoever came when two signed notices when there is only one', async () => {
  const late = await createReader('late', '');
  await verify(late, '2.0.0');
  const one = ['namespace', 'policy', 'acme', '--threshold', '1'];
  await ana.ok([...one, '--key', 'ana2', '--event', 'one.json']);
  await hand('one.json', ana, bob);
  await bob.ok(['key', 'sign', 'one.json', '--key', 'bob', '--yes']);
  await bob.ok(['key', 'submit', 'one.json']);
  await publish(ana, '2.1.0', 'ana2');
  await refusesToRun(late, '2.1.0', 'signer.downgraded');
  await verify(late, '2.0.0');
  await verify(reader, '2.1.0');
});

test('what a stolen key published is refused from where it was stolen, and what it signed before stands', async () => {
  const { logIndex } = await publish(ana, '3.0.0', 'ana2');
  await verify(reader, '3.0.0');
  const revoke = ['key', 'revoke', 'acme', idOf('ana2'), '--key', 'bob', '--confirm=acme', '--yes'];
  const from = ['--reason', 'compromised', '--from-index', String(logIndex)];
  const { token } = (await json(ana, ['token', 'create', '--name', 's', '--scope', 'recovery:acme'])) as {
    token: string;
  };
  const env = { SHEAF_TOKEN: token, SHEAF_REGISTRY: registry.url };
  expect(await json(bob, [...revoke, ...from], env)).toMatchObject({
    refused: [{ id: 'acme/mark', version: '3.0.0', logIndex }],
  });

  // Nobody without a connection can know; whoever was told once does not forget it.
  await verify(reader, '3.0.0', '--offline');
  await refusesToRun(reader, '3.0.0', 'key.revoked');
  await refusesToRun(reader, '3.0.0', 'key.revoked', '--offline');
  expect(await verify(reader, '2.1.0')).toContain('as compromised');
  const folder = await writeMark(dir, 'acme/mark', '3.0.1');
  expect((await refusal(ana, ['publish', folder, '--yes', '--key', 'ana2']))[0]).toBe('key.revoked');
});

test('a key that comes by recovery is believed by nobody who was not told', async () => {
  // The last key is lost. Nobody can vouch for the next one but the registry, who says so in the log.
  await rm(join(bob.home, '.config/sheaf/keys'), { recursive: true });
  await ana.ok(['key', 'generate', '--name', 'ana3', '--no-passphrase']);
  ids.set('ana3', ((await json(ana, ['key', 'export', 'ana3'])) as { id: string }).id);
  const { token } = (await json(ana, ['token', 'create', '--name', 'r', '--scope', 'recovery:acme'])) as {
    token: string;
  };
  const env = { SHEAF_TOKEN: token, SHEAF_REGISTRY: registry.url };
  await json(ana, ['key', 'register', 'acme', '--key', 'ana3', '--recover'], env);
  await publish(ana, '4.0.0', 'ana3');

  await refusesToRun(reader, '4.0.0', 'publisher.not_allowed');
  await refusesToRun(easygoing, '4.0.0', 'key.recovery');
  await refusesToRun(await createReader('newcomer', ''), '4.0.0', 'key.recovery');
  await reader.ok(['trust', 'add', 'acme', '--key', idOf('ana3')]);
  await reader.ok(['run', ref('4.0.0'), '--yes']);
  expect(existsSync(marker())).toBe(true);
});

test('the log of all this is in order', async () => {
  const { stdout } = await ana.ok(['audit-log', registry.url]);
  const types = stdout.match(/(?<=Z {2})\S+/g);
  expect(types).toEqual([
    'ns.create',
    'key.add',
    'publish',
    'key.add',
    'key.revoke',
    'publish',
    'key.add',
    'ns.policy',
    'publish',
    'ns.policy',
    'publish',
    'publish',
    'key.revoke',
    'key.add',
    'publish',
  ]);
  expect(stdout).toMatch(/^audited 15 entries up to size 15, root /m);
});

/** One gives another a file, as on a stick. */
function hand(name: string, from: Person, to: Person): Promise<void> {
  return copyFile(join(from.home, name), join(to.home, name));
}
