import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeAbandonedPidFile } from '../../src/postgres/abandoned-pidfile.js';
import { findPidFile } from '../../src/postgres/pidfile.js';

const RUNNING = '4711\n/data/postgres\n1700000000\n35783\n\n127.0.0.1\n\nready\n';
const HOUR_S = 3600;

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sheaf-pidfile-'));
  path = join(dir, 'postmaster.pid');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function write(content: string, ageS: number): Promise<void> {
  await writeFile(path, content);
  const written = Date.now() / 1000 - ageS;
  await utimes(path, written, written);
}

describe('a pid file that nobody seems to stand behind', () => {
  it.each(['', '\n', '4711'])('is removed when it has read %j for more than a second', async (content) => {
    await write(content, 10);
    await removeAbandonedPidFile(dir);
    expect(await readdir(dir)).toEqual([]);
  });

  // Far in the future instead of now: however busy the machine is, it does not grow old meanwhile.
  it.each([
    { what: 'empty, and was written a moment ago', content: '', ageS: -HOUR_S },
    { what: 'that of a server', content: RUNNING, ageS: HOUR_S },
    { what: 'that of a server which has only begun', content: '4711\n/data/postgres\n', ageS: HOUR_S },
  ])('stays when it is $what', async ({ content, ageS }) => {
    await write(content, ageS);
    await removeAbandonedPidFile(dir);
    expect(await readdir(dir)).toEqual(['postmaster.pid']);
  });

  it('stays when it cannot be read, which is an error and not the absence of a server', async () => {
    await mkdir(path);
    const unusable = { code: 'datadir.unusable', message: `cannot read ${path}: EISDIR` };
    await expect(removeAbandonedPidFile(dir)).rejects.toMatchObject(unusable);
    await expect(findPidFile(dir)).rejects.toMatchObject(unusable);
    expect(await readdir(dir)).toEqual(['postmaster.pid']);
  });

  it('need not be there', async () => {
    await removeAbandonedPidFile(dir);
    expect(await findPidFile(dir)).toBeUndefined();
  });
});
