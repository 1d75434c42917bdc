import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isLeased, takeLease } from '../src/lease.js';
import { startChild } from './support/child.js';
import { temporaryFolder } from './support/folder.js';

const fileOf = (dir: string, number: number) => join(dir, `number.lease.00000000${number}`);

describe('a lease', () => {
  it('is held by one process at a time, whatever moment another one is killed at', async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'number'), '0');
    const children = ['40', '40', '40'].map((times) => startChild('./count-leased.ts', [dir, times]));
    const killed = startChild('./count-leased.ts', [dir, '1000000']);
    while (killed.lines.length === 0) await sleep(5);
    await sleep(20 + Math.random() * 40);
    killed.kill();
    await killed.ended;
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    // What the killed one had added is kept; no addition of the others is lost.
    expect(Number(await readFile(join(dir, 'number'), 'utf8'))).toBeGreaterThanOrEqual(120);
    let lease = await takeLease(dir, 'number');
    for (; lease === undefined; lease = await takeLease(dir, 'number')) await sleep(20);
    await lease.release();
    expect((await readdir(dir)).filter((name) => name.includes('lease'))).toEqual([]);
  }, 60_000);

  it('is taken over from a file that does not say whose it is, but not at once', async () => {
    const dir = await temporaryFolder();
    await writeFile(fileOf(dir, 3), '');
    expect(await takeLease(dir, 'number')).toBeUndefined();
    const old = new Date(Date.now() - 2500);
    await utimes(fileOf(dir, 3), old, old);
    const lease = await takeLease(dir, 'number');
    expect(await readdir(dir)).toEqual(['number.lease.000000004']);
    await lease?.release();
  });

  it('is nobody’s while any file of it is somebody’s, whatever its number', async () => {
    const dir = await temporaryFolder();
    const old = new Date(Date.now() - 16_000);
    await writeFile(fileOf(dir, 2), '1 elsewhere\n');
    await writeFile(fileOf(dir, 7), '1 elsewhere\n');
    await utimes(fileOf(dir, 7), old, old);
    expect([await takeLease(dir, 'number'), await isLeased(dir, 'number')]).toEqual([undefined, true]);
    await utimes(fileOf(dir, 2), old, old);
    expect(await isLeased(dir, 'number')).toBe(false);
  });

  it('of a container is not taken for that of a dead process of this machine', async () => {
    const dir = await temporaryFolder();
    await writeFile(fileOf(dir, 1), `999999999 ${hostname()} pid:[1] 0123456789abcdef\n`);
    expect(await takeLease(dir, 'number')).toBeUndefined();
  });

  it('that was lost is not taken from whoever has it now', async () => {
    const dir = await temporaryFolder();
    const lost = await takeLease(dir, 'number');
    await writeFile(fileOf(dir, 1), '1 elsewhere\n');
    await lost?.release();
    expect(await readdir(dir)).toEqual(['number.lease.000000001']);
  });
});
