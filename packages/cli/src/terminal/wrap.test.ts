import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widthOf } from './text.js';
import { wrapTalk } from './wrap.js';

const lines = (...all: readonly string[]): string => all.join('\n');

describe('wrapTalk', () => {
  it('goes on under what a label explains, and under the indentation', () => {
    expect(wrapTalk('  help: check the address and the key with the operator', 40)).toBe(
      lines('  help: check the address and the key', '        with the operator'),
    );
    expect(wrapTalk('  ok    registry corp 23 ms, clock 0.4 s behind it', 38)).toBe(
      lines('  ok    registry corp 23 ms, clock 0.4', '        s behind it'),
    );
    expect(wrapTalk('published to corp, log #12, latest 1.1.3', 30)).toBe(
      lines('published to corp, log #12,', '  latest 1.1.3'),
    );
  });

  it('never breaks a command, nor what stands in backquotes', () => {
    expect(wrapTalk('  help: sign in: sheaf login corp --log-key a+b, or use `sheaf a b`', 40)).toBe(
      lines('  help: sign in:', '        sheaf login corp --log-key a+b,', '        or use `sheaf a b`'),
    );
    const command = '  help: sheaf login https://registry.example --with-token < FILE';
    expect(wrapTalk(command, 40)).toBe(command);
  });

  it('leaves source lines, output of programs, and text for a pipe alone', () => {
    const source = [
      '   34 | lines = "${{ steps.log.outputs.stdout }}" # and so on',
      '  | curl: (22) it failed, and says why',
    ];
    for (const line of source) expect(wrapTalk(line, 20)).toBe(line);
    expect(wrapTalk('one two three four five six seven', undefined)).toBe(
      'one two three four five six seven',
    );
  });

  it('keeps a colour that goes on over the break, and does not count it', () => {
    expect(wrapTalk('\u001b[1mone two three four five six\u001b[22m', 27)).toBe(
      '\u001b[1mone two three four five six\u001b[22m',
    );
  });

  it('loses no word, adds none, and goes over the edge with a single piece only', () => {
    const text = fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { minLength: 1 });
    fc.assert(
      fc.property(text, fc.integer({ min: 20, max: 100 }), (words, columns) => {
        const wrapped = wrapTalk(words.join(' '), columns);
        expect(wrapped.split(/\s+/)).toEqual(words);
        for (const line of wrapped.split('\n'))
          expect(widthOf(line) <= columns || !line.trim().includes(' ')).toBe(true);
        expect(wrapTalk(wrapped, columns).split(/\s+/)).toEqual(words);
      }),
    );
  });
});
