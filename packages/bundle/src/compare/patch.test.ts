import type { ArchiveFile } from '../archive/tar.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines } from './line-diff.js';
import { patchFile, type FilePatch } from './patch.js';

const fileOf = (text: string): ArchiveFile => ({ path: 'a', bytes: Buffer.from(text), executable: false });
const patchOf = (before: string, after: string) => patchFile('a', fileOf(before), fileOf(after));

/** Few different lines, so that the same ones come often. */
const texts = fc
  .array(fc.constantFrom('a', 'b', 'c', 'd', '', ' x', '-y', '+z'), { maxLength: 40 })
  .chain((lines) => fc.boolean().map((isEnded) => lines.join('\n') + (isEnded ? '\n' : '')));

/** What `patch` would make of a text. */
function apply(before: string, { hunks }: FilePatch): string {
  const old = before.split(/(?<=\n)/).filter((line) => line !== '');
  const made: string[] = [];
  let at = 0;
  for (const { before: place, lines } of hunks) {
    const start = place.count === 0 ? place.start : place.start - 1;
    made.push(...old.slice(at, start));
    at = start + place.count;
    for (const [i, line] of lines.entries()) {
      if (line.startsWith('\\') || line.startsWith('-')) continue;
      made.push(line.slice(1) + (lines[i + 1]?.startsWith('\\') === true ? '' : '\n'));
    }
  }
  return [...made, ...old.slice(at)].join('');
}

describe('a patch', () => {
  it('makes the new text from the old one', () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        expect(apply(before, patchOf(before, after))).toBe(after);
      }),
    );
  });

  it('is empty for the same text, and mirrors when its sides are exchanged', () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        expect(patchOf(before, before).hunks).toEqual([]);
        const count = (patch: FilePatch, sign: string) =>
          patch.hunks.flatMap(({ lines }) => lines).filter((line) => line.startsWith(sign)).length;
        expect(count(patchOf(before, after), '+')).toBe(count(patchOf(after, before), '-'));
      }),
    );
  });

  it('is cut to the lines around what changed', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i + 1}`);
    const changed = lines.map((line, i) => (i === 4 || i === 20 ? 'new' : line));
    const { hunks } = patchOf(`${lines.join('\n')}\n`, `${changed.join('\n')}\n`);
    expect(hunks.map(({ before, after }) => [before, after])).toEqual([
      [
        { start: 2, count: 7 },
        { start: 2, count: 7 },
      ],
      [
        { start: 18, count: 7 },
        { start: 18, count: 7 },
      ],
    ]);
    expect(hunks[0]?.lines).toEqual([
      ' line 2',
      ' line 3',
      ' line 4',
      '-line 5',
      '+new',
      ' line 6',
      ' line 7',
      ' line 8',
    ]);
  });

  it('tells of bytes that are no text, and of too many, without their content', () => {
    const binary = { path: 'a', bytes: Uint8Array.of(1, 0, 2), executable: false };
    expect(patchFile('a', undefined, binary)).toEqual({ path: 'a', omitted: 'binary', hunks: [] });
    expect(patchOf('', 'x'.repeat(600_000)).omitted).toBe('too_large');
    expect(patchOf('', '\n'.repeat(30_000)).omitted).toBe('too_large');
  });

  it('ends for texts that have nothing in common', () => {
    const one = Array.from({ length: 10_000 }, (_, i) => `a${i}`);
    const other = Array.from({ length: 10_000 }, (_, i) => `b${i}`);
    expect(diffLines(one, other)).toEqual([
      { kind: 'removed', before: 0, after: 0, count: 10_000 },
      { kind: 'added', before: 10_000, after: 0, count: 10_000 },
    ]);
  });
});
