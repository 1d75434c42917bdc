import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter } from './lines.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('createLineSplitter', () => {
  it('gives the same lines however the output was cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).filter((line) => !/[\r\n]/.test(line))),
        fc.integer({ min: 1, max: 7 }),
        (lines, size) => {
          const whole = bytes(lines.map((line) => `${line}\n`).join(''));
          const splitter = createLineSplitter();
          const got: string[] = [];
          for (let at = 0; at < whole.length; at += size)
            got.push(...splitter.push('s', 'stdout', whole.subarray(at, at + size)));
          expect(got).toEqual(lines);
          expect(splitter.flush('s')).toEqual([]);
        },
      ),
    );
  });

  it('keeps streams and steps apart, and gives an unfinished line at the end', () => {
    const splitter = createLineSplitter();
    expect(splitter.push('a', 'stdout', bytes('x'))).toEqual([]);
    expect(splitter.push('a', 'stderr', bytes('y\n'))).toEqual(['y']);
    expect(splitter.push('b', 'stdout', bytes('z\n'))).toEqual(['z']);
    expect(splitter.flush('a')).toEqual(['x']);
  });

  it('shows of a redrawn line what stood there last', () => {
    expect(createLineSplitter().push('a', 'stdout', bytes('10%\r100%\r\n'))).toEqual(['100%']);
    expect(createLineSplitter().push('a', 'stdout', bytes('10%\r\r\n\r\r\n\r1%\n'))).toEqual([
      '10%',
      '',
      '1%',
    ]);
  });

  it('takes a line that is all carriage returns as quickly as any other', () => {
    const startedMs = performance.now();
    for (let i = 0; i < 20; i++)
      expect(createLineSplitter().push('a', 'stdout', bytes(`${'\r'.repeat(65_535)}x`))).toEqual(['x']);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });

  it('does not keep a line without an end for ever', () => {
    expect(createLineSplitter().push('a', 'stdout', bytes('x'.repeat(20_000)))).toHaveLength(1);
  });
});
