import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutTo,
  formatAge,
  formatBytes,
  formatDuration,
  formatLimit,
  hangText,
  padTo,
  plural,
  shortId,
  widthOf,
  findSizeBytes,
} from './text.js';

describe('sizes, durations and ages', () => {
  it('reads like a person would say it', () => {
    expect([0, 1023, 1024, 76288, 33_554_432].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '74.5 KiB',
      '32.0 MiB',
    ]);
    expect([-1, 40, 59_900, 59_960, 64_000, 3_599_999, 7_380_000].map(formatDuration)).toEqual([
      '0.0 s',
      '0.0 s',
      '59.9 s',
      '1 min 00 s',
      '1 min 04 s',
      '1 h 00 min',
      '2 h 03 min',
    ]);
    expect([plural(1, 'file'), plural(1200, 'file')]).toEqual(['1 file', '1,200 files']);
  });

  it('counts back from now, and never into the future', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    expect(formatAge('2026-11-18T12:00:00Z', now)).toBe('3 days ago');
    expect(formatAge('2026-11-22T12:00:00Z', now)).toBe('0 seconds ago');
    expect(formatAge('whenever', now)).toBe('whenever');
  });

  it('shortens an id to what one recognises', () => {
    expect(shortId(`9c1f${'0'.repeat(56)}e07a`)).toBe('9c1f…e07a');
  });
});

describe('columns', () => {
  it('counts wide characters twice and marks not at all', () => {
    expect(widthOf('日本')).toBe(4);
    expect(widthOf('e\u0301')).toBe(1);
    expect(padTo('日', 4)).toBe('日  ');
  });

  it('does not count colours, and drops them with what is cut', () => {
    expect(widthOf('\u001b[31mred\u001b[39m')).toBe(3);
    expect(cutTo('\u001b[31mred herring\u001b[39m', 20)).toBe('\u001b[31mred herring\u001b[39m');
    expect(cutTo('\u001b[31mred herring\u001b[39m', 4)).toBe('red…');
  });

  it('never cuts to more than the columns given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
        expect(widthOf(cutTo(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe('hangText', () => {
  it('breaks at spaces, under where the text began', () => {
    expect(hangText('  --yes  ', 'agree to the change that is told above', 36)).toEqual([
      '  --yes  agree to the change that is',
      '         told above',
    ]);
  });

  it('keeps one line where there is no width, and goes below where there is no room beside', () => {
    const text = 'agree to the change that is told above';
    expect(hangText('  --yes  ', text, undefined)).toEqual([`  --yes  ${text}`]);
    expect(hangText('  --yes  ', text, 30)).toEqual([
      '  --yes',
      '    agree to the change that',
      '    is told above',
    ]);
    expect(hangText('  --yes  ', 'agree', 14)).toEqual(['  --yes  agree']);
    expect(hangText('', text, 20)).toEqual(['agree to the change', 'that is told above']);
  });

  it('sets a word to the left that is too long for the room beside, and fits the line', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(hangText('files      ', `3 files · ${digest}`, 80)).toEqual([
      'files      3 files ·',
      `    ${digest}`,
    ]);
    expect(hangText('files      ', digest, 80)).toEqual(['files', `    ${digest}`]);
    expect(hangText('files      ', digest, 72)).toEqual([`files      ${digest}`]);
  });

  it('loses nothing, and goes over the edge with a single long word only', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,60}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 30, max: 100 }), (list, columns) => {
        const lines = hangText('ab: ', list.join(' '), columns).map((line) => line.slice(4));
        expect(lines.join(' ')).toBe(list.join(' '));
        for (const line of lines) expect(line.length <= columns - 4 || !line.includes(' ')).toBe(true);
      }),
    );
  });
});

it.each([
  [60_000, '1 min'],
  [30_000, '30 s'],
  [1500, '1.5 s'],
  [9_000_000, '2 h 30 min'],
  [86_400_000, '24 h'],
  [0, '0 s'],
])('says a limit of %s ms as %j', (milliseconds, text) => {
  expect(formatLimit(milliseconds)).toBe(text);
});

it.each([
  ['1000', 1000],
  ['64K', 65_536],
  ['500M', 524_288_000],
  ['1.5 GiB', undefined],
  ['1.5GiB', 1_610_612_736],
  ['2gb', 2_147_483_648],
  ['0', 0],
  ['', undefined],
  ['-1', undefined],
  ['1e9', undefined],
  ['9'.repeat(400), undefined],
])('reads the size %j as %s bytes', (text, bytes) => {
  expect(findSizeBytes(text)).toBe(bytes);
});
