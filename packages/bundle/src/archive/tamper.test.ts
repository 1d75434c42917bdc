import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../encoding/bytes.js';
import { codeOf } from '../testing/codes.js';
import { type ArchiveFile, packTar, readTar } from './tar.js';

function file(path: string, contents: string, executable = false): ArchiveFile {
  return { path, bytes: encodeUtf8(contents), executable };
}

/** Whether each byte belongs to the contents of a file: everything else is fixed by the format. */
function contentsOf(tar: Uint8Array): Uint8Array {
  const inside = new Uint8Array(tar.length);
  for (const { bytes } of readTar(tar)) {
    const start = bytes.byteOffset - tar.byteOffset;
    inside.fill(1, start, start + bytes.length);
  }
  return inside;
}

/** Calls readTar with one byte changed, and changes it back. */
function codeWith(tar: Uint8Array, at: number, value: number): string {
  const before = tar[at] ?? 0;
  tar[at] = value;
  const code = codeOf(() => readTar(tar));
  tar[at] = before;
  return code;
}

const small = packTar([
  file('a', 'hello'),
  file(`${'d'.repeat(90)}/${'e'.repeat(20)}/größe.sh`, '#!/bin/sh\n', true),
]);

describe('one changed byte outside the contents is refused', () => {
  it('at every place of every header, padding and trailer, to every value', () => {
    const inside = contentsOf(small);
    const survivors: string[] = [];
    let tried = 0;
    for (let at = 0; at < small.length; at++) {
      if (inside[at] === 1) continue;
      // The zeros of padding and trailer are all compared by the same loop: a few values each are enough there.
      const isHeader = at < 512 || (at >= 1024 && at < 1536);
      for (let value = 0; value < 256; value += isHeader ? 1 : 51) {
        if (value === small[at]) continue;
        tried++;
        if (!/^(?:archive|path)\./.test(codeWith(small, at, value))) survivors.push(`${at}=${value}`);
      }
    }
    expect(survivors).toEqual([]);
    expect(tried).toBeGreaterThan(2 * 512 * 255);
  });

  it('at sampled places of an archive of many files', () => {
    const files = Array.from({ length: 300 }, (_, i) =>
      file(`folder-${i % 7}/${'x'.repeat(1 + (i % 90))}/${i}.txt`, 'y'.repeat((i * 37) % 1400), i % 5 === 0),
    );
    const tar = packTar(files);
    const inside = contentsOf(tar);
    fc.assert(
      fc.property(fc.nat({ max: tar.length - 1 }), fc.nat({ max: 255 }), (at, value) => {
        fc.pre(inside[at] === 0 && tar[at] !== value);
        expect(codeWith(tar, at, value)).toMatch(/^(?:archive|path)\./);
      }),
      { numRuns: 300 },
    );
  });

  it('and a byte inside gives the same tree with that byte', () => {
    const changed = Uint8Array.from(small);
    changed[512] = 0x4a;
    expect(readTar(changed)[0]).toEqual(file('a', 'Jello'));
  });
});
