import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/codes.js';
import { foldName } from './path.js';
import { checkTree } from './tree.js';

function verdict(paths: readonly string[]): string {
  return codeOf(() => {
    checkTree(paths);
  });
}

/** The rule as it is written down: no two different paths or ancestors are equal after folding each of their names. */
function hasCollision(paths: readonly string[]): boolean {
  const seen = new Map<string, string>();
  const files = new Set(paths);
  for (const path of paths) {
    const names = path.split('/');
    for (let length = 1; length <= names.length; length++) {
      const own = names.slice(0, length);
      const folded = own.map(foldName).join('\0');
      const original = own.join('/');
      if ((seen.get(folded) ?? original) !== original) return true;
      seen.set(folded, original);
      if (length < names.length && files.has(original)) return true;
    }
  }
  return false;
}

describe('checkTree', () => {
  it.each([
    ['a', 'A'],
    ['a/b', 'A/c'],
    ['straße', 'STRASSE'],
    ['straße', 'straẞe'],
    ['ﬁle', 'file'],
    ['é', 'É'],
    ['ｆｏｏ', 'foo'],
    ['a', 'a/b'],
    ['A', 'a/b'],
    ['a/b', 'A'],
    ['x/K', 'x/\u212a'],
    ['ς', 'σ'],
    ['a', 'a/b/c/d'],
    ['x/y/Z/1', 'x/y/z/2'],
  ])('refuses %j beside %j, in either order', (first, second) => {
    expect(verdict([first, second])).toBe('path.collision');
    expect(verdict([second, first])).toBe('path.collision');
    expect(verdict([first, 'a-', 'a.b', 'aa/b', second, 'zz'])).toBe('path.collision');
  });

  it.each([
    ['at the root', ['HEAD', 'config', 'objects/x', 'refs/heads/main']],
    ['in a folder', ['a/b/HEAD', 'a/b/objects/x', 'a/b/refs/x']],
    ['in another order', ['a/refs/x', 'a/objects/x', 'a/b', 'a/HEAD']],
    ['in another case', ['a/head', 'a/Objects/x', 'a/ReFs/x']],
    ['of files that git takes for folders', ['HEAD', 'objects', 'refs']],
    ['that names the rest of it', ['a/HEAD', 'a/commondir', 'b/objects/x', 'b/refs/x']],
    ['with other folders between its parts', ['a/HEAD', 'a/m/n/o', 'a/objects/x', 'a/p/q', 'a/refs/x']],
  ])('refuses a git repository without .git %s', (_title, paths) => {
    expect(verdict(paths)).toBe('path.reserved');
  });

  it('lets the names of a repository stand in different folders', () => {
    const paths = ['HEAD', 'config', 'refs/x', 'a/objects/x', 'b/refs/objects/HEAD', 'c/commondir'];
    expect(verdict([...paths, 'ahead/refs', 'objects.md'])).toBe('nothing');
  });

  it('lets paths share folders and differ elsewhere', () => {
    expect(verdict(['a/b', 'a/c', 'a/d/e', 'a/d/f', 'ab'])).toBe('nothing');
    expect(verdict([])).toBe('nothing');
  });

  it('decides as the rule does, whatever the tree', () => {
    const name = fc.constantFrom(
      'a',
      'A',
      'b',
      'ß',
      'ss',
      'SS',
      'ẞ',
      'é',
      'É',
      'a-',
      'a.',
      'ﬁ',
      'fi',
      '℀',
      'a_c',
    );
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 6 }), (paths) => {
        expect(verdict(paths)).toBe(hasCollision(paths) ? 'path.collision' : 'nothing');
      }),
      { numRuns: 2000 },
    );
  });
});
