import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installFromTarballs, type Installation } from './support/installation.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';
import { createPerson, signIn, type Person } from './support/sheaf.js';

const run = promisify(execFile);

/** The tour of the README with programs that were installed from packed tarballs, in folders with a space in their name. */
let dir: string;
let installation: Installation;
let registry: RegistryProcess;
let author: Person;
let reader: Person;
beforeAll(async () => {
  dir = await makeTempDir();
  installation = await installFromTarballs(dir);
  registry = await startRegistryProcess({ dataDir: join(dir, 'data'), bin: installation.registry });
  author = await createPerson(join(dir, 'author'), {}, installation.sheaf);
  reader = await createPerson(join(dir, 'reader'), { SHEAF_REGISTRY: registry.url }, installation.sheaf);
}, 300_000);
afterAll(async () => {
  await registry.stop();
  await removeDir(dir);
});

describe('the tour', () => {
  test('the first start leaves an owner token that only the owner can read', async () => {
    expect((await stat(join(registry.dataDir, 'admin-token'))).mode & 0o777).toBe(0o600);
  });

  test('publishes from a template to a verified run', async () => {
    await signIn(author, registry, 'me');
    await author.ok(['init', 'my-flow']);
    const cwd = join(author.home, 'my-flow');
    await author.ok(['validate'], { cwd });
    const packed = (await author.ok(['pack'], { cwd })).stdout;
    expect(packed).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    const published = await author.ok(['publish', '--yes'], { cwd });
    expect(published.stdout).toBe(`me/my-flow@0.1.0 ${packed}`);
    expect((await author.ok(['publish', '--yes'], { cwd })).stdout).toBe(published.stdout);

    const found = JSON.parse((await author.ok(['search', 'notes', '--tag', 'git', '--json'])).stdout) as {
      schema: string;
      hits: { id: string }[];
    };
    expect(found.schema).toBe('sheaf.search/1');
    expect(found.hits.map((h) => h.id)).toEqual(['me/my-flow']);
    expect((await author.ok(['info', 'me/my-flow'])).stdout).toContain('me/my-flow 0.1.0');

    await author.ok(['fetch', 'me/my-flow@^0.1', '--yes']);
    const verified = await author.ok(['verify', 'me/my-flow@0.1.0']);
    expect(`${verified.stdout}${verified.stderr}`).toMatch(/verified me\/my-flow 0\.1\.0/);
    const repository = join(dir, 'a repository');
    await makeRepository(repository);
    const ran = await author.ok(['run', 'me/my-flow', '-p', 'who=world', '--yes'], { cwd: repository });
    expect(ran.stdout).toContain('world');
  });

  test('another machine trusts nothing before it was told to, and then verifies the same bytes', async () => {
    const refused = await reader.sheaf(['fetch', 'me/my-flow']);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('log.key_unpinned');
    const out = join(reader.home, 'out');
    await reader.ok(['fetch', 'me/my-flow', '--yes', '-o', out]);
    const original = await readFile(join(author.home, 'my-flow', 'workflow.toml'), 'utf8');
    expect(await readFile(join(out, 'workflow.toml'), 'utf8')).toBe(original);
    expect((await reader.ok(['verify', 'me/my-flow@0.1.0', '--offline'])).code).toBe(0);
  });

  test('a deprecated version still runs, with the reason and the replacement', async () => {
    const cwd = join(author.home, 'my-flow');
    const definition = join(cwd, 'workflow.toml');
    await writeFile(definition, (await readFile(definition, 'utf8')).replaceAll('0.1.0', '0.2.0'));
    await author.ok(['publish', '--yes'], { cwd });
    await author.ok([
      'deprecate',
      'me/my-flow@0.1.0',
      '--reason',
      'use 0.2',
      '--replacement',
      'me/my-flow@0.2.0',
      '--yes',
    ]);
    const ran = await author.ok(['run', 'me/my-flow@0.1.0', '--yes'], { cwd: join(dir, 'a repository') });
    expect(ran.stderr).toMatch(/use 0\.2/);
    expect(ran.stderr).toMatch(/me\/my-flow@0\.2\.0/);
  });
});

test('what does not exist is exit 4, a registry that is down exit 6 with its address and what to do', async () => {
  const missing = await reader.sheaf(['info', 'me/nothing']);
  expect(missing.code).toBe(4);
  expect(missing.stderr).toMatch(/^error\[workflow\.not_found\]/m);
  const down = await reader.sheaf(['info', 'me/my-flow'], { env: { SHEAF_REGISTRY: 'http://127.0.0.1:9' } });
  expect(down.code).toBe(6);
  expect(down.stderr).toContain('http://127.0.0.1:9');
  expect(down.stderr).toMatch(/help: /);
}, 60_000);

async function makeRepository(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], { cwd: path });
  await git('init', '-q');
  await git('commit', '-q', '--allow-empty', '-m', 'docs: Begin');
}
