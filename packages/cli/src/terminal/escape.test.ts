import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableLines } from './escape.js';

const ESCAPE = '\u001b';

describe('printable', () => {
  it('shows what moves the cursor, hides or reorders', () => {
    expect(printable(`a${ESCAPE}[2Jb`)).toBe('a\\u{1b}[2Jb');
    expect(printable('user\u202etxt.exe')).toBe('user\\u{202e}txt.exe');
    expect(printable('a\u200bb\u{e0041}c\nd')).toBe('a\\u{200b}b\\u{e0041}c\\u{a}d');
  });

  it('leaves ordinary text of any script alone', () => {
    expect(printable('Größe 日本語 🎉 – “x”')).toBe('Größe 日本語 🎉 – “x”');
  });

  it('shows each character that could hide something, and those alone', () => {
    const hides = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
    const wrong: number[] = [];
    for (let point = 0; point <= 0xffff; point += 1) {
      const character = String.fromCharCode(point);
      if ((printable(character) === character) === hides.test(character)) wrong.push(point);
    }
    expect(wrong).toEqual([]);
  });

  it('never lets a control character through', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{Cc}\p{Cf}]/u.test(printable(text))));
  });
});

describe('printableLines', () => {
  it('keeps lines and tabs, drops colours, shows the rest', () => {
    expect(printableLines(`a\t${ESCAPE}[31mred${ESCAPE}[0m\r\nb${ESCAPE}]0;title\u0007`)).toBe(
      'a\tred\nb\\u{1b}]0;title\\u{7}',
    );
  });
});
