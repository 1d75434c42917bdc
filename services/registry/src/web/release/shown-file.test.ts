import { expect, it } from 'vitest';
import { showFile } from './shown-file.js';

const show = (text: string | Uint8Array) =>
  showFile({
    path: 'a.txt',
    bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text,
    executable: false,
  });

it('shows lines without what ends them', () => {
  expect(show('a\r\n\tb\n\nc\n')).toMatchObject({ lines: ['a', '\tb', '', 'c'], lineCount: 4 });
  expect(show('').lines).toEqual([]);
});

it('makes seen what hides or turns around', () => {
  expect(show('a\u202Eb\u0007\u200B\u2028c').lines).toEqual(['a\uFFFDb\uFFFD\uFFFD\uFFFDc']);
});

it('cuts long lines and long files, and says how much is left', () => {
  const long = show('x\n'.repeat(2500));
  expect(long).toMatchObject({ lineCount: 2500 });
  expect(long.lines).toHaveLength(2000);
  expect(show(`${'y'.repeat(2500)}\n`).lines?.[0]).toBe(`${'y'.repeat(2000)} … 500 characters more`);
});

it('shows no bytes that are no text, and nothing huge', () => {
  expect(show(new Uint8Array([0, 1])).why).toBe('binary');
  expect(show(new Uint8Array([0xff])).why).toBe('binary');
  expect(show('x'.repeat(512 * 1024 + 1)).why).toBe('too_large');
});
