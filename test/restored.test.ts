import { cp, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';
import { createPerson, signIn, type Person } from './support/sheaf.js';
import { publishMark, writeMark } from './support/victim.js';

/** Last night's backup of the database is put back, behind what the log has signed since. */
let dir: string;
let port = 0;
let registry: RegistryProcess;
let author: Person;
/** Has seen the newest state of the log. */
let reader: Person;
beforeAll(async () => {
  dir = await makeTempDir();
  await start();
  author = await createPerson(join(dir, 'author'));
  reader = await createPerson(join(dir, 'reader'), { SHEAF_REGISTRY: registry.url });
  await signIn(author, registry, 'acme');
  await publishMark(dir, author, 'acme/mark', '1.0.0');
}, 120_000);
afterAll(async () => {
  await registry.stop();
  await removeDir(dir);
});

const dataDir = () => join(dir, 'data');
const database = (which = '') => join(dataDir(), `postgres${which}`);

async function start(): Promise<void> {
  registry = await startRegistryProcess({ dataDir: dataDir(), port });
  port = Number(new URL(registry.url).port);
}

/** Swaps the database while the registry is down, as an operator would. */
async function putBack(which: string, keepAs: string): Promise<void> {
  await registry.stop();
  await rename(database(), database(keepAs));
  await rename(database(which), database());
  await start();
}

const get = async (path: string) => (await fetch(`${registry.url}${path}`)).text();
const sizeOf = (note: string) => Number(note.split('\n')[1]);

test('an older database signs nothing, is read all the same, and the log goes on with the right one', async () => {
  await registry.stop();
  await cp(database(), database('-backup'), { recursive: true });
  await start();
  await publishMark(dir, author, 'acme/mark', '1.1.0');
  await reader.ok(['fetch', 'acme/mark@1.1.0', '--yes']);
  const newest = await get('/log/public/checkpoint');

  await putBack('-backup', '-newest');
  const old = await get('/log/public/checkpoint');
  expect(sizeOf(old)).toBeLessThan(sizeOf(newest));

  // The start says it, and what to do, to whoever looks at the terminal, the log or the probe.
  expect(registry.logged()).toMatch(/^error\[log\.frozen\]: log \S+ was signed with \d+ entries/m);
  expect(registry.logged()).toMatch(/^ {2}help: put back a database that holds all \d+ entries/m);
  const readiness = await fetch(`${registry.url}/readyz`);
  expect(readiness.status).toBe(200);
  expect(await readiness.json()).toMatchObject({
    status: 'degraded',
    log: 'frozen',
    faults: [{ part: 'log', detail: expect.stringContaining(`${sizeOf(newest)} entries`) as string }],
  });

  // Nothing that needs a signature happens, also not what the log has recorded already without its database knowing.
  for (const version of ['1.2.0', '1.1.0']) {
    const folder = await writeMark(dir, 'acme/mark', version);
    const refused = await author.sheaf(['publish', folder, '--yes']);
    expect(refused.stderr).toContain('error[log.frozen]: ');
    expect(refused.stderr).toMatch(/^ {2}help: \S/m);
    expect({ exit: refused.code, stdout: refused.stdout }).toEqual({ exit: 6, stdout: '' });
  }
  const deprecated = await author.sheaf(['deprecate', 'acme/mark@1.0.0', '--reason', 'old', '--yes']);
  expect(deprecated.stderr).toContain('error[log.frozen]: ');
  expect(await get('/log/public/checkpoint')).toBe(old);
  expect(await get('/v1/workflows/acme/mark')).not.toContain('1.2.0');

  // Who has not seen more is served; who has, notices, and keeps both notes.
  const stranger = await createPerson(join(dir, 'stranger'), { SHEAF_REGISTRY: registry.url });
  await stranger.ok(['verify', 'acme/mark@1.0.0', '--yes']);
  const noticed = await reader.sheaf(['run', 'acme/mark@1.0.0', '--yes']);
  expect(noticed.stderr).toContain('error[log.rollback]: ');
  expect({ exit: noticed.code, stdout: noticed.stdout }).toEqual({ exit: 3, stdout: '' });
  const [, path = ''] = /evidence kept in (.*)/.exec(noticed.stderr) ?? [];
  const evidence = await readFile(path, 'utf8');
  for (const note of [old, newest]) {
    expect(noticed.stderr).toContain(note);
    expect(evidence).toContain(note);
  }

  await putBack('-newest', '-older');
  expect(registry.logged()).toBe('');
  expect(await (await fetch(`${registry.url}/readyz`)).json()).toMatchObject({ log: 'ok' });
  expect(await get('/log/public/checkpoint')).toBe(newest);
  await publishMark(dir, author, 'acme/mark', '1.2.0');
  for (const person of [reader, stranger]) await person.ok(['verify', 'acme/mark@1.2.0', '--yes']);
  const { stdout } = await reader.ok(['audit-log']);
  expect(stdout).toMatch(new RegExp(`^audited \\d+ entries up to size ${sizeOf(newest) + 1}, root `, 'm'));
}, 120_000);
