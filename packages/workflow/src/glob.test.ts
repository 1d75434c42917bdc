import { describe, expect, it } from 'vitest';

import { compileGlob } from './glob.js';

describe('globs', () => {
  it.each([
    ['scripts/**', 'scripts/a.sh', true],
    ['scripts/**', 'scripts/deep/er/a.sh', true],
    ['scripts/**', 'other/a.sh', false],
    ['**/*.md', 'README.md', true],
    ['**/*.md', 'docs/a/b.md', true],
    ['*.sh', 'a/b.sh', false],
    ['*.sh', '.hidden.sh', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['a?c', 'a😀c', true],
    ['**', 'any/thing', true],
    ['a/**/b', 'a/b', true],
    ['a/**/b/**/c', 'a/x/b/y/z/c', true],
    ['a*b*c', 'aXbYbZc', true],
    ['a*b*c', 'aXbYbZ', false],
    ['README.md', 'READMExmd', false],
  ])('%s on %s is %s', (glob, path, expected) => {
    expect(compileGlob(glob)(path)).toBe(expected);
  });

  it.each([
    '',
    '/abs',
    'a//b',
    '../x',
    'a/./b',
    'a**',
    '{a,b}',
    '[ab]',
    '!a',
    'a\\b',
    'a\nb',
    'x'.repeat(201),
  ])('refuses %j', (glob) => {
    expect(() => compileGlob(glob)).toThrow(expect.objectContaining({ code: 'glob.invalid' }) as Error);
  });
});
