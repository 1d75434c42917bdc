import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ProcessRunner, ProcessSpec } from '../src/ports.js';
import { nodeProcessRunner } from '../src/processes/node-runner.js';
import { procTable } from '../src/processes/proc-table.js';
import { psTable } from '../src/processes/ps-table.js';
import { fakeRunner } from '../src/testing/fake-runner.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();
const table = process.platform === 'linux' ? procTable() : psTable();

function makeRunner(graceMs = 300): { runner: ProcessRunner; dir: string } {
  const dir = folder();
  mkdirSync(join(dir, 'r1'));
  return { runner: nodeProcessRunner({ table, runDir: (id) => join(dir, id), graceMs, drainMs: 150 }), dir };
}

function script(run: string, rest: Partial<ProcessSpec> = {}): ProcessSpec {
  const env = { PATH: process.env['PATH'] ?? '', SHEAF_RUN_ID: 'r1', SHEAF_STEP: 's' };
  return { runId: 'r1', step: 's', attempt: 1, file: '/bin/sh', args: ['-c', run], cwd: '/', env, ...rest };
}

/** What every runner promises. The scripts are these three, so that a fake can know them. */
const SCRIPTS = { say: 'echo hello', fail: 'exit 7', hang: 'sleep 60' };

function fake(): ProcessRunner {
  return fakeRunner((spec) => {
    const run = spec.args[1];
    if (run === SCRIPTS.hang) return 'hang';
    return run === SCRIPTS.fail ? { exitCode: 7 } : { exitCode: 0, stdout: 'hello\n' };
  });
}

describe.each([
  ['the real runner', () => makeRunner().runner],
  ['the fake runner', fake],
])('%s', (_name, make) => {
  it('gives standard output and the exit code, after all output was delivered', async () => {
    const heard: string[] = [];
    const { done, identity } = make().start(script(SCRIPTS.say), (_step, stream, chunk) => {
      heard.push(`${stream} ${new TextDecoder().decode(chunk)}`);
    });
    expect(identity).toBeDefined();
    expect(await done).toMatchObject({ exitCode: 0, stdout: 'hello\n' });
    expect(heard).toEqual(['stdout hello\n']);
  });

  it('gives the exit code of a failure', async () => {
    expect(await make().start(script(SCRIPTS.fail), undefined).done).toMatchObject({ exitCode: 7 });
  });

  it('ends what is stopped, and says that it was', async () => {
    const handle = make().start(script(SCRIPTS.hang), undefined);
    handle.stop();
    handle.stop();
    expect(await handle.done).toMatchObject({ stopped: 'request', signal: 'SIGTERM' });
  });

  it('ends what is killed', async () => {
    const handle = make().start(script(SCRIPTS.hang), undefined);
    handle.kill();
    expect((await handle.done).stopped).toBe('request');
  });

  it('ends what takes longer than its timeout', async () => {
    const handle = make().start(script(SCRIPTS.hang, { timeoutMs: 50 }), undefined);
    expect((await handle.done).stopped).toBe('timeout');
  });

  it('does not count a stop after the end', async () => {
    const handle = make().start(script(SCRIPTS.say), undefined);
    await handle.done;
    handle.stop();
    expect((await handle.done).stopped).toBeUndefined();
  });
});

describe('the real runner with processes that misbehave', () => {
  it('kills, after the grace period, a process that ignores TERM and its children', async () => {
    const { runner } = makeRunner();
    const run = `trap '' TERM; (trap '' TERM; sleep 61) & (trap '' TERM; sleep 62) & echo up; wait; sleep 63`;
    const handle = runner.start(script(run), () => {
      handle.stop();
    });
    const group = handle.identity?.pid ?? 0;
    expect(await handle.done).toMatchObject({ stopped: 'request' });
    expect(table.groupMembers(group)).toEqual([]);
  });

  it('ends what left the group when its step is stopped', async () => {
    const { runner } = makeRunner();
    const handle = runner.start(script('setsid sleep 64 & echo up; wait'), () => {
      handle.stop();
    });
    await handle.done;
    expect(table.markedProcesses('r1', 's')).toEqual([]);
  });

  it('does not wait for what a step leaves running, with a pipe or without', async () => {
    const { runner } = makeRunner();
    const began = performance.now();
    const handles = ['sleep 65 & echo a', 'sleep 65 >/dev/null 2>&1 & echo b'].map((run, index) =>
      runner.start(script(run, { step: `s${index}` }), undefined),
    );
    for (const handle of handles) {
      const outcome = await handle.done;
      expect(outcome).toMatchObject({ exitCode: 0 });
      expect(outcome.stopped).toBeUndefined();
      expect(table.groupMembers(handle.identity?.pid ?? 0)).toEqual([]);
    }
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('keeps what a process substitution writes after the shell ended', async () => {
    const { runner } = makeRunner();
    const run = 'exec > >(sleep 0.05; cat); echo late';
    const outcome = await runner.start(script(run, { file: '/bin/bash' }), undefined).done;
    expect(outcome.stdout).toBe('late\n');
  });

  it('gives no part of a standard output that is too large, and logs all of it', async () => {
    const { runner, dir } = makeRunner();
    const { stdout, exitCode } = await runner.start(script('head -c 1048577 /dev/zero'), undefined).done;
    expect({ stdout, exitCode }).toEqual({ stdout: undefined, exitCode: 0 });
    const log = statSync(join(dir, 'r1', 's.log'));
    expect([log.size, log.mode & 0o777]).toEqual([1_048_577, 0o600]);
  });

  it('waits for a slow listener and loses nothing', async () => {
    const { runner } = makeRunner(100);
    let heard = 0;
    let pending = 0;
    const handle = runner.start(script('head -c 180000 /dev/zero'), async (_step, _stream, chunk) => {
      pending += 1;
      expect(pending).toBe(1);
      await sleep(250);
      pending -= 1;
      heard += chunk.length;
    });
    expect((await handle.done).exitCode).toBe(0);
    expect(heard).toBe(180_000);
  });

  it('takes the output file, and nothing through a link, a pipe or a folder', async () => {
    const { runner } = makeRunner();
    const take = async (run: string, step: string) =>
      (await runner.start(script(run, { step }), undefined).done).output;
    expect(await take('echo a=1 >> "$SHEAF_OUTPUT"', 'file')).toEqual(new Uint8Array(Buffer.from('a=1\n')));
    expect(await take('ln -s /etc/passwd "$SHEAF_OUTPUT"', 'link')).toBe('not_a_file');
    expect(await take('mkfifo "$SHEAF_OUTPUT"', 'pipe')).toBe('not_a_file');
    expect(await take('mkdir "$SHEAF_OUTPUT"', 'folder')).toBe('not_a_file');
    expect(await take('head -c 1048577 /dev/zero > "$SHEAF_OUTPUT"', 'large')).toBe('too_large');
    expect(await take('true', 'none')).toBeUndefined();
  });

  it('says why a process could not begin', async () => {
    const { runner } = makeRunner();
    const missing = await runner.start(script('true', { file: '/no/such/shell' }), undefined).done;
    expect(missing.spawnError).toContain('ENOENT');
    const large = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`V${index}`, 'x'.repeat(100_000)]),
    );
    expect((await runner.start(script('true', { env: large }), undefined).done).spawnError).toContain(
      'E2BIG',
    );
  });

  it('appends the log of a second attempt', async () => {
    const { runner, dir } = makeRunner();
    await runner.start(script('echo one'), undefined).done;
    await runner.start(script('echo two >&2', { attempt: 2 }), undefined).done;
    expect(readFileSync(join(dir, 'r1', 's.log'), 'utf8')).toBe('one\ntwo\n');
  });
});

describe('reap', () => {
  it('ends a leftover by its identity, and leaves another process with the same pid alone', async () => {
    const { runner } = makeRunner();
    const handle = runner.start(script('sleep 66', { env: {} }), undefined);
    const leader = handle.identity;
    if (leader === undefined) throw new Error('did not begin');
    await runner.reap({ runId: 'r1', step: 's', process: { ...leader, start: 'linux:another-boot:1' } });
    expect(table.isAlive(leader)).toBe(true);
    await runner.reap({ runId: 'r1', step: 's', process: leader });
    expect(table.isAlive(leader)).toBe(false);
    await handle.done;
  });

  it.runIf(process.platform === 'linux')('finds what was begun and never recorded, by its mark', async () => {
    const { runner } = makeRunner();
    const mine = runner.start(script('sleep 67'), undefined);
    const other = runner.start(
      script('sleep 67', { env: { SHEAF_RUN_ID: 'r1', SHEAF_STEP: 'other' } }),
      undefined,
    );
    await runner.reap({ runId: 'r1', step: 's', process: undefined });
    expect((await mine.done).signal).toBe('SIGTERM');
    expect(table.groupMembers(other.identity?.pid ?? 0)).not.toEqual([]);
    other.kill();
    await other.done;
  });
});

describe.each([
  ['the table of /proc', procTable],
  ['the table of ps', psTable],
])('%s', (_name, make) => {
  it.runIf(process.platform === 'linux')('knows this process from one that began at another time', () => {
    const identity = make().identify(process.pid, performance.timeOrigin);
    if (identity === undefined) throw new Error('not found');
    expect(make().isAlive(identity)).toBe(true);
    expect(make().isAlive({ ...identity, start: 'wall:1000' })).toBe(false);
  });
});
