import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/codes.js';
import { checkPath, compareUtf8, foldName, showPath } from './path.js';

describe('checkPath', () => {
  it.each([
    'workflow.toml',
    'scripts/run.sh',
    '.github/x',
    '.gitignore',
    'a/.gitattributes',
    '.gitmodules',
    'a.git/x',
    'git/x',
    'docs/CVS/x',
    'a b/c',
    'ünïcode/日本語.md',
    'a'.repeat(100),
    'con-tainer/x',
    'auxiliary',
    'com10',
    'tilde~x',
    '~/x',
    'x~',
    `${'a/'.repeat(15)}b`,
    '[slug]/page.ts',
    'a-b',
    'emoji/😀',
  ])('accepts %j', (path) => {
    expect(
      codeOf(() => {
        checkPath(path);
      }),
    ).toBe('nothing');
  });

  it.each([
    ['', 'path.empty'],
    ['/etc/passwd', 'path.absolute'],
    ['//server/share', 'path.absolute'],
    ['../x', 'path.segment'],
    ['a/../b', 'path.segment'],
    ['a/..', 'path.segment'],
    ['./a', 'path.segment'],
    ['a/./b', 'path.segment'],
    ['a//b', 'path.segment'],
    ['a/', 'path.segment'],
    ['C:/x', 'path.character'],
    ['C:x', 'path.character'],
    ['\\\\server\\share', 'path.character'],
    ['a\\b', 'path.character'],
    ['x:y', 'path.character'],
    ['a<b', 'path.character'],
    ['a|b', 'path.character'],
    ['a"b', 'path.character'],
    ['a?b', 'path.character'],
    ['a*b', 'path.character'],
    ['a\0b', 'path.character'],
    ['a\nb', 'path.character'],
    ['a\u007fb', 'path.character'],
    ['a\u0085b', 'path.character'],
    ['a\u00adb', 'path.character'],
    ['a\u061cb', 'path.character'],
    ['a\u200db', 'path.character'],
    ['a\u202eb', 'path.character'],
    ['a\u2029b', 'path.character'],
    ['a\u2066b', 'path.character'],
    ['\ufeffa', 'path.character'],
    ['a/ b', 'path.space'],
    [' a', 'path.space'],
    ['a /b', 'path.space'],
    ['a./b', 'path.space'],
    ['a...', 'path.space'],
    ['-rf', 'path.dash'],
    ['-a/b', 'path.dash'],
    ['e\u0301', 'path.not_nfc'],
    ['CON', 'path.reserved'],
    ['a/nul.txt', 'path.reserved'],
    ['Aux.tar.gz', 'path.reserved'],
    ['aux .txt', 'path.reserved'],
    ['com0', 'path.reserved'],
    ['LPT9.log', 'path.reserved'],
    ['com¹', 'path.reserved'],
    ['COM².txt', 'path.reserved'],
    ['a/lpt³', 'path.reserved'],
    ['PRN', 'path.reserved'],
    ['lpt0.x', 'path.reserved'],
    ['ｃｏｎ', 'path.reserved'],
    ['clock$', 'path.reserved'],
    ['CONIN$', 'path.reserved'],
    ['conout$.x', 'path.reserved'],
    ['.sheaf', 'path.reserved'],
    ['a/.SHEAF-lock', 'path.reserved'],
    ['.ſheaf', 'path.reserved'],
    ['.git', 'path.reserved'],
    ['.git/config', 'path.reserved'],
    ['a/b/.git/hooks/pre-commit', 'path.reserved'],
    ['a/.GIT/config', 'path.reserved'],
    ['.gıt/config', 'path.reserved'],
    ['．git/config', 'path.reserved'],
    ['.ｇit/config', 'path.reserved'],
    ['.hg/hgrc', 'path.reserved'],
    ['.jj/repo/config.toml', 'path.reserved'],
    ['.Svn/wc.db', 'path.reserved'],
    ['.bzr/branch/branch.conf', 'path.reserved'],
    ['.git./config', 'path.space'],
    ['.git /config', 'path.space'],
    ['.git::$INDEX_ALLOCATION/config', 'path.character'],
    ['.g\u200cit/config', 'path.character'],
    ['git~1/config', 'path.short_name'],
    ['PROGRA~1', 'path.short_name'],
    ['git~1/x', 'path.short_name'],
    ['README~12.MD', 'path.short_name'],
    ['é'.repeat(101), 'path.too_long'],
    ['a'.repeat(201), 'path.too_long'],
    ['a/'.repeat(1000) + 'b', 'path.too_long'],
    ['a/'.repeat(16) + 'b', 'path.too_deep'],
    ['\ud800', 'path.encoding'],
  ])('refuses %j with %s', (path, code) => {
    expect(
      codeOf(() => {
        checkPath(path);
      }),
    ).toBe(code);
  });

  it('never throws anything but its own error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        expect(
          codeOf(() => {
            checkPath(path);
          }),
        ).toMatch(/^(nothing|path\..+)$/);
      }),
    );
  });
});

describe('compareUtf8', () => {
  it('orders like the bytes of UTF-8, unlike UTF-16', () => {
    expect(['😀', '\uff5e'].sort(compareUtf8)).toEqual(['\uff5e', '😀']);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
    );
  });
});

it('folds a name to itself once folded', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      expect(foldName(foldName(name))).toBe(foldName(name));
    }),
  );
});

it('shows a path without characters that move the cursor or the reader', () => {
  expect(showPath('a\u202e\u001b[31mb\u0007ü')).toBe('"a\\u202e\\u001b[31mb\\u0007ü"');
  expect(showPath('a'.repeat(300)).length).toBeLessThan(100);
});
