import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widthOf } from '../terminal/text.js';
import { cutSnippet } from './snippet.js';

describe('cutSnippet', () => {
  it('never shows more than there is room for, and marks within what it shows', () => {
    const character = fc.constantFrom('a', '\t', '日', '😀', '\u001b', 'e\u0301', ' ');
    const line = fc.array(character, { maxLength: 300 }).map((all) => all.join(''));
    fc.assert(
      fc.property(
        line,
        fc.nat(400),
        fc.nat(50),
        fc.integer({ min: 30, max: 120 }),
        (text, at, length, room) => {
          const { text: shown, before } = cutSnippet(
            text,
            { column: at + 1, endColumn: at + 1 + length },
            room,
          );
          expect(widthOf(shown)).toBeLessThanOrEqual(room);
          expect(before).toBeLessThanOrEqual(room);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('shows the marked text itself', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(2000), fc.integer({ min: 30, max: 120 }), (left, right, room) => {
        const line = `${'x'.repeat(left)}MARK${'y'.repeat(right)}`;
        const { text, before, width } = cutSnippet(line, { column: left + 1, endColumn: left + 5 }, room);
        expect(text.slice(before, before + width)).toBe('MARK');
      }),
      { numRuns: 200 },
    );
  });

  it('takes no time for a line that is as long as a file', () => {
    const startedMs = performance.now();
    cutSnippet('x'.repeat(1_000_000), { column: 500_000, endColumn: 1_000_000 }, 80);
    expect(performance.now() - startedMs).toBeLessThan(200);
  });
});
