import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDir } from '../../src/postgres/datadir-lock.js';
import { findProcess } from '../../src/postgres/process.js';
import { startChild, type TestChild } from './child-process.js';

const CHILD = new URL('./lock-child.ts', import.meta.url);
const DEAD = JSON.stringify({ pid: 2 ** 30, started: 'an earlier boot:1' });

let dir: string;
let children: TestChild[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sheaf-lock-'));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map((child) => child.ended()));
  await rm(dir, { recursive: true, force: true });
});

async function startLocker(): Promise<TestChild> {
  const child = startChild(CHILD, [dir]);
  children.push(child);
  expect(await child.nextLine()).toBe('ready');
  return child;
}

async function ask(child: TestChild, line: string): Promise<string> {
  child.send(line);
  return child.nextLine();
}

async function seed(generation: number, content: string): Promise<void> {
  await mkdir(join(dir, 'lock'), { recursive: true });
  await writeFile(join(dir, 'lock', String(generation)), content);
}

describe('the lock of a data directory', () => {
  it('refuses a second process and names the holder, the folder and what to do', async () => {
    const holder = await startLocker();
    expect(await ask(holder, 'lock')).toBe('won');
    await expect(lockDataDir(dir)).rejects.toMatchObject({
      code: 'datadir.locked',
      message: `data directory ${dir} is in use by process ${holder.pid}`,
      hint: `stop process ${holder.pid} or choose another data directory`,
    });
  });

  it('refuses a second lock in the same process until the first is released', async () => {
    const first = await lockDataDir(dir);
    await expect(lockDataDir(dir)).rejects.toMatchObject({ code: 'datadir.locked' });
    await first.release();
    const second = await lockDataDir(dir);
    // A late second release of the first must not free what the second holds.
    await first.release();
    await expect(lockDataDir(dir)).rejects.toMatchObject({ code: 'datadir.locked' });
    await second.release();
  });

  it('is free again when its holder released it', async () => {
    const holder = await startLocker();
    await ask(holder, 'lock');
    expect(await ask(holder, 'release')).toBe('released');
    await (await lockDataDir(dir)).release();
  });

  it('is free at once when its holder was killed', async () => {
    const holder = await startLocker();
    await ask(holder, 'lock');
    holder.kill('SIGKILL');
    await holder.ended();
    await (await lockDataDir(dir)).release();
  });

  it('does not take a stranger that got the id of a killed holder for the holder', async () => {
    await seed(1, JSON.stringify({ pid: process.pid, started: 'an earlier boot:1' }));
    await (await lockDataDir(dir)).release();
  });

  it('takes over a lock file that a power cut left empty', async () => {
    await seed(1, '');
    await (await lockDataDir(dir)).release();
  });

  it('keeps one file, whatever came before', async () => {
    for (let round = 0; round < 3; round += 1) await (await lockDataDir(dir)).release();
    expect(await readdir(join(dir, 'lock'))).toEqual(['3']);
  });

  it('goes to exactly one of several processes that race for a stale lock', async () => {
    const racers = await Promise.all(Array.from({ length: 5 }, startLocker));
    for (let round = 0; round < 40; round += 1) {
      await seed(round * 2 + 1, DEAD);
      const answers = await Promise.all(racers.map((racer) => ask(racer, 'lock')));
      expect(answers.filter((answer) => answer !== 'won')).toEqual(Array(4).fill('lost datadir.locked'));
      const winner = racers[answers.indexOf('won')];
      if (winner !== undefined) expect(await ask(winner, 'release')).toBe('released');
    }
  });

  it('is not taken by a slow rival who still believes in a holder two takeovers ago', async () => {
    await seed(1, DEAD);
    const self = await findProcess(process.pid);
    let interrupted = false;
    const slow = lockDataDir(dir, {
      isAlive: async (holder) => {
        if (interrupted) return holder.started === self?.started;
        interrupted = true;
        await (await lockDataDir(dir)).release();
        await lockDataDir(dir);
        return false;
      },
    });
    await expect(slow).rejects.toMatchObject({ code: 'datadir.locked' });
    expect(await readdir(join(dir, 'lock'))).toEqual(['3']);
  });

  it('says that the folder cannot be used when it is a file', async () => {
    await writeFile(join(dir, 'file'), '');
    await expect(lockDataDir(join(dir, 'file'))).rejects.toMatchObject({ code: 'datadir.unusable' });
  });
});
