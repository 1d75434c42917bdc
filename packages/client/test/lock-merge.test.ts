import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { splitConflict } from '../src/lock/conflict.js';
import { formatLockfile } from '../src/lock/format.js';
import { LOCKFILE_NAME, type Lockfile } from '../src/lock/lockfile.js';
import { mergeLockfiles } from '../src/lock/merge.js';
import { parseLockfile } from '../src/lock/parse.js';
import { proveLockfile } from '../src/lock/prove.js';
import { lockOf } from '../src/testing/test-lock.js';
import { createTestRegistry } from '../src/testing/test-registry.js';
import { temporaryFolder } from './support/folder.js';

const run = promisify(execFile);
const registry = createTestRegistry();
const names = ['acme/build', 'acme/deploy', 'acme/lint', 'acme/notify', 'acme/test'];
const released = await Promise.all(names.map((name) => registry.publish(name, '1.0.0')));
const newer = await registry.publish('acme/test', '1.1.0');
const all = await lockOf(
  registry,
  [...released, newer].map((published) => ({ published })),
);

/** The lockfile of some of them. */
function lockWith(...wanted: readonly string[]): Lockfile {
  return {
    ...all,
    workflows: all.workflows.filter(({ id, version }) => wanted.includes(`${id.slice(5)} ${version}`)),
  };
}

let dir: string;
async function git(...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'merge.conflictStyle=merge'];
  return (await run('git', [...identity, ...args], { cwd: dir })).stdout;
}

async function commit(lock: Lockfile): Promise<void> {
  await writeFile(join(dir, LOCKFILE_NAME), formatLockfile(lock));
  await git('add', LOCKFILE_NAME);
  await git('commit', '-q', '--allow-empty', '-m', 'lock');
}

async function branchAndMerge(base: Lockfile, ours: Lockfile, theirs: Lockfile): Promise<string> {
  dir = await temporaryFolder();
  await git('init', '-q', '-b', 'main');
  await commit(base);
  await git('checkout', '-q', '-b', 'theirs');
  await commit(theirs);
  await git('checkout', '-q', 'main');
  await commit(ours);
  await git('merge', '-q', 'theirs').catch(() => undefined);
  return readFile(join(dir, LOCKFILE_NAME), 'utf8');
}

beforeAll(async () => {
  await run('git', ['--version']);
});

describe('a lockfile under git', () => {
  it('is merged cleanly when two branches add different workflows', async () => {
    const base = lockWith('deploy 1.0.0', 'notify 1.0.0');
    const merged = await branchAndMerge(
      base,
      lockWith('deploy 1.0.0', 'lint 1.0.0', 'notify 1.0.0'),
      lockWith('deploy 1.0.0', 'notify 1.0.0', 'test 1.0.0'),
    );
    const expected = lockWith('deploy 1.0.0', 'lint 1.0.0', 'notify 1.0.0', 'test 1.0.0');
    expect(merged).toBe(formatLockfile(expected));
    proveLockfile(parseLockfile(merged, LOCKFILE_NAME));
  });

  it('is merged cleanly when one branch adds and the other moves or removes', async () => {
    const merged = await branchAndMerge(
      lockWith('build 1.0.0', 'deploy 1.0.0', 'test 1.0.0'),
      lockWith('build 1.0.0', 'deploy 1.0.0', 'test 1.1.0'),
      lockWith('deploy 1.0.0', 'test 1.0.0'),
    );
    expect(merged).toBe(formatLockfile(lockWith('deploy 1.0.0', 'test 1.1.0')));
  });

  it('keeps both sides apart where neighbours were added, and both are found again', async () => {
    const ours = lockWith('deploy 1.0.0', 'lint 1.0.0');
    const theirs = lockWith('deploy 1.0.0', 'notify 1.0.0');
    const merged = await branchAndMerge(lockWith('deploy 1.0.0'), ours, theirs);
    expect(() => parseLockfile(merged, LOCKFILE_NAME)).toThrow('a merge has left both sides');
    const [a = '', b = ''] = splitConflict(merged) ?? [];
    const both = mergeLockfiles(parseLockfile(a, LOCKFILE_NAME), parseLockfile(b, LOCKFILE_NAME));
    expect(formatLockfile(both)).toBe(formatLockfile(lockWith('deploy 1.0.0', 'lint 1.0.0', 'notify 1.0.0')));
  });

  it('changes by no more lines than the entry that changes', async () => {
    dir = await temporaryFolder();
    await git('init', '-q', '-b', 'main');
    await commit(lockWith('deploy 1.0.0', 'notify 1.0.0', 'test 1.0.0'));
    await writeFile(
      join(dir, LOCKFILE_NAME),
      formatLockfile(lockWith('deploy 1.0.0', 'notify 1.0.0', 'test 1.1.0')),
    );
    const [added, removed] = (await git('diff', '--numstat')).split('\t').map(Number);
    expect(added).toBe(removed);
    expect(added).toBeLessThanOrEqual(7);
    const patch = await git('diff', '--unified=0');
    const keys = new Set(patch.match(/^[-+][a-z_]+ = /gm)?.map((line) => line.slice(1, -3)));
    expect([...keys].sort()).toEqual(['blob', 'envelope', 'log_index', 'receipt', 'tar', 'version']);
  });
});
