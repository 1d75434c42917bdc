import { describe, expect, it } from 'vitest';
import { findProjectFile, type FileFacts, type SearchOptions } from './project-file.js';

const MINE: FileFacts = { isFile: true, mode: 0o100644, uid: 1000 };

function options(
  files: Readonly<Record<string, FileFacts>>,
  more: Partial<SearchOptions> = {},
): SearchOptions {
  return {
    home: '/home/ana',
    uid: 1000,
    look: (path) => Promise.resolve(Object.hasOwn(files, path) ? files[path] : undefined),
    ...more,
  };
}

describe('the search for sheaf.toml', () => {
  it('takes the nearest one above', async () => {
    const files = { '/home/ana/sheaf.toml': MINE, '/home/ana/shop/sheaf.toml': MINE };
    expect(await findProjectFile('/home/ana/shop/src/deep', options(files))).toBe(
      '/home/ana/shop/sheaf.toml',
    );
  });

  it('ends at the home directory', async () => {
    const files = { '/home/sheaf.toml': MINE, '/sheaf.toml': MINE };
    expect(await findProjectFile('/home/ana/shop', options(files))).toBeUndefined();
  });

  it('goes to the root from outside the home directory', async () => {
    expect(await findProjectFile('/srv/shop', options({ '/sheaf.toml': MINE }))).toBe('/sheaf.toml');
    expect(await findProjectFile('/srv/shop', options({}))).toBeUndefined();
  });

  it('passes over a folder of that name', async () => {
    const files = { '/srv/shop/sheaf.toml': { ...MINE, isFile: false }, '/srv/sheaf.toml': MINE };
    expect(await findProjectFile('/srv/shop', options(files))).toBe('/srv/sheaf.toml');
  });

  it('refuses a file that every user may write', async () => {
    const files = { '/tmp/sheaf.toml': { ...MINE, mode: 0o100666 } };
    await expect(findProjectFile('/tmp/work', options(files))).rejects.toMatchObject({
      code: 'project.unsafe',
    });
    await expect(findProjectFile('/tmp/work', options(files, { uid: 0 }))).rejects.toMatchObject({
      code: 'project.unsafe',
    });
  });

  it('refuses a file of another user, unless that is root or this one is', async () => {
    const files = { '/tmp/sheaf.toml': { ...MINE, uid: 1001 } };
    await expect(findProjectFile('/tmp/work', options(files))).rejects.toMatchObject({
      code: 'project.unsafe',
    });
    expect(await findProjectFile('/tmp', options(files, { uid: 0 }))).toBe('/tmp/sheaf.toml');
    expect(await findProjectFile('/tmp', options(files, { uid: undefined }))).toBe('/tmp/sheaf.toml');
    const roots = { '/tmp/sheaf.toml': { ...MINE, uid: 0 } };
    expect(await findProjectFile('/tmp', options(roots))).toBe('/tmp/sheaf.toml');
  });
});
