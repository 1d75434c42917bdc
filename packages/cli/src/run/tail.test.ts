import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastLines } from './tail.js';

const tail = (text: string, count: number | undefined): string =>
  new TextDecoder().decode(lastLines(new TextEncoder().encode(text), count));

describe('lastLines', () => {
  it('gives as many lines from the end as there are, or as are asked for', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{0,3}$/)),
        fc.nat({ max: 8 }),
        fc.boolean(),
        (lines, count, isEnded) => {
          const text = lines.join('\n') + (isEnded && lines.length > 0 ? '\n' : '');
          const whole = text.replace(/\n$/, '').split('\n');
          const expected = text === '' || count === 0 ? '' : whole.slice(-count).join('\n');
          expect(tail(text, count).replace(/\n$/, '')).toBe(expected);
          expect(text.endsWith(tail(text, count))).toBe(true);
        },
      ),
    );
  });

  it('gives everything when nothing was asked for', () => {
    expect(tail('a\nb\n', undefined)).toBe('a\nb\n');
    expect(tail('a\nb\nc', 2)).toBe('b\nc');
  });
});
