import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDataDir } from '../../src/data-dir.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sheaf-data-dir-'));
});
afterAll(() => rm(dir, { recursive: true }));

test('is made with what of its path is missing, for its owner alone, by several at once', async () => {
  const path = join(dir, 'a', 'b', 'c');
  await Promise.all([1, 2, 3].map(() => makeDataDir(path)));
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test('stays as it is when it is there', async () => {
  const path = join(dir, 'shared');
  await mkdir(path, { mode: 0o755 });
  await makeDataDir(path);
  expect((await stat(path)).mode & 0o777).toBe(0o755);
});

test.each(['file', 'file/below'])('is refused where there is a file: %s', async (name) => {
  await writeFile(join(dir, 'file'), '');
  await expect(makeDataDir(join(dir, name))).rejects.toMatchObject({
    code: 'datadir.unusable',
    message: expect.stringContaining('is no folder') as string,
  });
});

test.runIf(process.platform === 'linux')('is refused where nothing can be made, and at once', async () => {
  await expect(makeDataDir('/proc/sheaf')).rejects.toMatchObject({ code: 'datadir.unusable' });
});
