import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensureDurableFolder } from '../src/files.js';
import { temporaryFolder } from './support/folder.js';

async function synced(path: string): Promise<readonly string[]> {
  const folders: string[] = [];
  await ensureDurableFolder(path, (folder) => Promise.resolve(void folders.push(folder)));
  return folders;
}

describe('a folder that is made to last', () => {
  it('is named on the disk, and so is each folder above it that was made', async () => {
    const root = await temporaryFolder();
    expect(await synced(join(root, 'a', 'b', 'c'))).toEqual([join(root, 'a', 'b'), join(root, 'a'), root]);
    expect((await stat(join(root, 'a', 'b', 'c'))).mode & 0o777).toBe(0o700);
    expect(await synced(join(root, 'a', 'd'))).toEqual([join(root, 'a')]);
  });

  it('costs nothing when it is there', async () => {
    const root = await temporaryFolder();
    expect(await synced(root)).toEqual([]);
  });

  it('may be named from where the process is', async () => {
    const root = await temporaryFolder();
    expect(await synced(relative(process.cwd(), join(root, 'x', 'y')))).toEqual([join(root, 'x'), root]);
  });

  it('is really synced without more being said', async () => {
    const root = await temporaryFolder();
    await ensureDurableFolder(join(root, 'a', 'b'));
    expect((await stat(join(root, 'a', 'b'))).isDirectory()).toBe(true);
  });
});
