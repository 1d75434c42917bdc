import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanEnvironment } from './support/registry-environment.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';
import { createPerson, signIn, type CliResult, type Person } from './support/sheaf.js';

const run = promisify(execFile);
const SHEAF = fileURLToPath(new URL('../packages/cli/bin/sheaf.js', import.meta.url));

/** How a program is started without any network; undefined where that is forbidden. */
const WITHOUT_NETWORK = [
  ['unshare', '-rn'],
  ['unshare', '-n'],
].find(([program = '', ...flags]) => spawnSync(program, [...flags, 'true']).status === 0);

let dir: string;
let registry: RegistryProcess;
let author: Person;
let reader: Person;
let project: string;
beforeAll(async () => {
  dir = await makeTempDir();
  registry = await startRegistryProcess({ dataDir: join(dir, 'data') });
  author = await createPerson(join(dir, 'author'));
  reader = await createPerson(join(dir, 'reader'), { SHEAF_REGISTRY: registry.url });
  project = join(dir, 'a project');
  await mkdir(project);
  await signIn(author, registry, 'shop');
  await publish('shop/chat', '1.0.0');
  await publish('shop/notify', '1.0.0', { 'shop/chat': '^1' });
  await publish('shop/deploy', '1.4.2', { 'shop/notify': '>=1.0.0 <2.0.0' });
  await git('init', '-q');
}, 300_000);
afterAll(async () => {
  await registry.stop();
  await removeDir(dir);
});

async function publish(
  id: string,
  version: string,
  dependencies: Readonly<Record<string, string>> = {},
): Promise<void> {
  const folder = join(author.home, `${id.replace('/', '-')}-${version}`);
  await mkdir(folder);
  const needed = Object.entries(dependencies).map(([other, range]) => `"${other}" = "${range}"\n`);
  const table = needed.length === 0 ? '' : `[dependencies]\n${needed.join('')}\n`;
  const step = `[steps.say]\nrun = 'echo "this is ${id} ${version}"'\n\n[outputs]\ntext = "\${{ steps.say.outputs.stdout }}"\n`;
  await writeFile(join(folder, 'workflow.toml'), `id = "${id}"\nversion = "${version}"\n\n${table}${step}`);
  await author.ok(['publish', '--yes'], { cwd: folder });
}

async function git(...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
  return (await run('git', [...identity, ...args], { cwd: project })).stdout;
}

const lockPath = () => join(project, 'sheaf.lock');
const writeProject = (...lines: readonly string[]) =>
  writeFile(join(project, 'sheaf.toml'), `[workflows]\n${lines.join('\n')}\n`);
const sheaf = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  reader.sheaf(args, { cwd: project, env });

/** Runs the program in a network namespace that has no interface. */
async function sheafWithoutNetwork(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const [program = '', ...flags] = WITHOUT_NETWORK ?? [];
  const child = spawn(program, [...flags, process.execPath, SHEAF, ...args], {
    cwd: project,
    env: {
      ...cleanEnvironment(),
      HOME: reader.home,
      SHEAF_REGISTRY: registry.url,
      SHEAF_PROFILE: 'permissive',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const result = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (result[name] += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, ...result };
}

test('outside of a project nothing is locked, and the message says how to begin', async () => {
  const result = await reader.sheaf(['lock']);
  expect(result).toMatchObject({ code: 4, stdout: '' });
  expect(result.stderr).toMatch(/^error\[project\.missing\]/m);
  expect((await reader.sheaf(['run'])).code).toBe(2);
});

describe('a project', () => {
  test('is locked with all that its workflows depend on', async () => {
    await writeProject('deploy = "shop/deploy@^1.2"');
    expect((await sheaf(['lock', '--check'])).stderr).toMatch(/^error\[lock\.missing\]/m);
    const result = await sheaf(['lock', '--yes']);
    expect(result.stderr).toContain('sheaf.lock written: 3 workflows');
    expect(result).toMatchObject({
      code: 0,
      stdout: '+ shop/chat 1.0.0\n+ shop/deploy 1.4.2\n+ shop/notify 1.0.0\n',
    });
    expect((await sheaf(['lock', '--check'])).code).toBe(0);
    expect(await readFile(lockPath(), 'utf8')).toContain('dependencies = ["shop/notify@1.0.0"]');
    await git('add', '.');
    await git('commit', '-q', '-m', 'Lock');
  });

  test('stays locked to what it is, until it is asked to move', async () => {
    await publish('shop/deploy', '1.5.0', { 'shop/notify': '>=1.0.0 <2.0.0' });
    expect((await sheaf(['lock'])).stdout).toBe('');
    expect(await git('status', '--porcelain')).toBe('');
    expect((await sheaf(['run', 'deploy', '--yes'])).stdout).toContain('this is shop/deploy 1.4.2');
    expect((await sheaf(['lock', 'deploy'])).stdout).toBe('~ shop/deploy 1.4.2 → 1.5.0\n');
    const [added, removed] = (await git('diff', '--numstat')).split('\t').map(Number);
    expect(added).toBe(removed);
    expect(added).toBeLessThanOrEqual(9);
    await git('commit', '-q', '-a', '-m', 'Move');
  });

  test('lists by name what it can run', async () => {
    const listed = await sheaf(['run']);
    expect(listed).toMatchObject({ code: 0, stdout: 'deploy\t1.5.0\tshop/deploy@^1.2\tactive\n' });
  });

  test('is stale when it asks for something else, and each difference is told', async () => {
    await writeProject('deploy = "shop/deploy@^2"', 'lint = "shop/chat@^1"', 'notify = "shop/lint"');
    const checked = await sheaf(['lock', '--check']);
    expect(checked.code).toBe(1);
    expect(checked.stderr).toMatch(/error\[lock\.stale\]: sheaf\.lock does not match sheaf\.toml\n/);
    expect(checked.stderr).toContain('deploy  wants ^2, locked 1.5.0');
    expect(checked.stderr).toContain('notify  not locked');
    const ran = await sheaf(['run', 'lint', '--yes'], { CI: 'true' });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('(--locked, because CI=true)');
    await git('checkout', '-q', 'sheaf.toml');
  });

  test('names a workflow by a verb, a folder or a channel only to be corrected', async () => {
    for (const [line, code] of [
      ['run = "shop/deploy"', 'project.name_reserved'],
      ['deploy = "shop/deploy@beta"', 'project.invalid'],
    ] as const) {
      await writeProject(line);
      const result = await sheaf(['lock', '--check']);
      expect(result.code).toBe(7);
      expect(result.stderr).toMatch(new RegExp(`^error\\[${code}\\]: sheaf.toml:2:\\d+: `, 'm'));
    }
    await git('checkout', '-q', 'sheaf.toml');
    await mkdir(join(project, 'deploy'));
    await writeFile(join(project, 'deploy', 'workflow.toml'), 'id = "me/deploy"\n');
    const twice = await sheaf(['run', 'deploy', '--yes']);
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain('reference.ambiguous');
    await removeDir(join(project, 'deploy'));
  });

  test('learns by a refresh what became of its workflows since', async () => {
    await author.ok(['deprecate', 'shop/chat@1.0.0', '--reason', 'use shop/talk', '--yes']);
    const refreshed = await sheaf(['lock', '--refresh']);
    expect(refreshed).toMatchObject({
      code: 0,
      stdout: '! shop/chat 1.0.0  active → deprecated: use shop/talk\n',
    });
    const diff = await git('diff', '--unified=0');
    const changed = diff.match(/^\+[a-z_]+ = /gm)?.map((line) => line.slice(1, -3));
    expect(changed?.sort()).toEqual(['events', 'standing', 'state']);
    await git('commit', '-q', '-a', '-m', 'Refresh');

    const before = await readFile(lockPath(), 'utf8');
    await publish('shop/bad', '1.0.0');
    await writeProject('bad = "shop/bad"');
    await sheaf(['lock']);
    await author.ok(['quarantine', 'shop/bad@1.0.0', '--reason', 'it sends keys away', '--yes']);
    const refused = await sheaf(['lock', '--refresh']);
    expect(refused.code).toBe(3);
    expect(refused.stdout).toMatch(/^FAIL shop\/bad 1\.0\.0 {2}state\.quarantined: /);
    const ran = await sheaf(['run', 'bad', '--yes', '--locked']);
    expect(ran).toMatchObject({ code: 3, stdout: '' });
    await git('checkout', '-q', '.');
    expect(await readFile(lockPath(), 'utf8')).toBe(before);
  });
});

describe('without any network, the registry gone', () => {
  const isPossible = WITHOUT_NETWORK !== undefined || process.env['CI'] === 'true';
  if (!isPossible) console.warn('SKIPPED: unshare is forbidden here, so nothing can run without a network');

  beforeAll(async () => {
    const primed = await sheaf(['run', 'deploy', '--locked', '--yes']);
    expect(primed.stderr).toContain('shop/deploy 1.5.0 verified');
    // The same registry once more, at another address: it stays one.
    const logKey = /^log_key = "(.*)"$/m.exec(await readFile(lockPath(), 'utf8'))?.[1] ?? '';
    await reader.ok(['login', registry.url.replace('127.0.0.1', 'localhost'), '--log-key', logKey]);
    await registry.stop();
  });

  test.skipIf(!isPossible)('what is locked is verified again, and runs', async () => {
    expect(WITHOUT_NETWORK, 'unshare must be allowed in continuous integration').toBeDefined();
    const online = await sheafWithoutNetwork(['info', 'shop/deploy']);
    expect(online.code, 'there must be no network').toBe(6);
    const failed = await sheafWithoutNetwork(['run', 'deploy', '--locked']);
    expect(failed.code).toBe(6);
    expect(failed.stderr).toContain('  the cache has all that is locked for it\n');
    expect(failed.stderr).toMatch(/freshness not checked: sheaf run deploy --locked --offline\s*$/);
    const result = await sheafWithoutNetwork(['run', 'deploy', '--locked', '--offline']);
    expect(result.stderr).toContain('offline, freshness not checked');
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toContain('this is shop/deploy 1.5.0');
    const { stdout } = await sheaf(['trust', 'list']);
    expect(stdout.match(/pinned registries/g), 'it is pinned at two addresses').toHaveLength(2);
  });

  test.skipIf(!isPossible)('a machine of a CI needs its policy and its cache, and nothing else', async () => {
    const lock = await readFile(lockPath(), 'utf8');
    const [, logKey = ''] = /^log_key = "(.*)"$/m.exec(lock) ?? [];
    const [, origin = ''] = /^origin = "(.*)"$/m.exec(lock) ?? [];
    const [, key = ''] = /^signers = \["(.*)"\]$/m.exec(lock) ?? [];
    const policy = join(dir, 'trust.toml');
    await writeFile(
      policy,
      `version = 1\n[[registry]]\norigin = "${origin}"\nlog_key = "${logKey}"\n[[publisher]]\nnamespace = "shop"\nkeys = ["${key}"]\n`,
    );
    const fresh = { XDG_STATE_HOME: join(dir, 'fresh'), CI: 'true' };
    const args = ['run', 'deploy', '--offline', '--yes'];
    const unknown = await sheafWithoutNetwork(args, fresh);
    expect(unknown.code).toBe(5);
    expect(unknown.stderr).toContain('log.key_unpinned');
    const allowed = await sheafWithoutNetwork(args, { ...fresh, SHEAF_TRUST_POLICY: policy });
    expect(allowed.stderr).toContain('verified');
    expect(allowed.code).toBe(0);
    await writeFile(policy, (await readFile(policy, 'utf8')).replace(key, '0'.repeat(64)));
    const refused = await sheafWithoutNetwork(args, { ...fresh, SHEAF_TRUST_POLICY: policy });
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toContain('publisher.not_allowed');
  });

  test('a cold cache is told with what is missing and what to do', async () => {
    const args = ['run', 'deploy', '--locked', '--offline'];
    const cold = await sheaf(args, { XDG_CACHE_HOME: join(dir, 'cold') });
    expect(cold).toMatchObject({ code: 6, stdout: '' });
    expect(cold.stderr).toMatch(/shop\/deploy 1\.5\.0 \(blob sha256:[0-9a-f]{64}\)/);
    expect(cold.stderr).toMatch(/run sheaf fetch shop\/deploy@1\.5\.0 (\S+ )+once with a connection/);
  });

  test('any field of the lockfile that is changed is exit 3, and nothing runs', async () => {
    const lock = await readFile(lockPath(), 'utf8');
    const lines = lock.split('\n');
    const last = lines.findIndex((line) => line === 'id = "shop/deploy"');
    const fields = lines.flatMap((line, i) =>
      /^[a-z_]+ = /.test(line) && (i < last - 15 || i >= last) && i < last + 15 ? [i] : [],
    );
    expect(fields.length).toBeGreaterThan(16);
    try {
      for (const i of fields) {
        const line = lines[i] ?? '';
        // Another digit or letter, in the middle of the value.
        const at = line.indexOf(' = ') + 3 + Math.floor((line.length - line.indexOf(' = ') - 3) / 2);
        const other = line[at] === '1' ? '2' : '1';
        const changed = `${line.slice(0, at)}${other}${line.slice(at + 1)}`;
        await writeFile(lockPath(), lines.with(i, changed).join('\n'));
        const result = await sheaf(['run', 'deploy', '--locked', '--offline']);
        expect(result, `${line.slice(0, 80)} → ${changed.slice(0, 80)}`).toMatchObject({
          code: 3,
          stdout: '',
        });
      }
    } finally {
      await writeFile(lockPath(), lock);
    }
    expect((await sheaf(['run', 'deploy', '--locked', '--offline'])).code).toBe(0);
  }, 300_000);
});
