import { constants, crc32, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../encoding/bytes.js';
import { codeOfAsync } from '../testing/codes.js';
import { gunzipTar, gzipTar } from './gzip.js';

const text = new TextEncoder().encode('one two three '.repeat(100));

/** What `gzip -n` writes, by another implementation of the framing. */
function gzip(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(gzipSync(bytes));
}

function withFlag(blob: Uint8Array, flag: number, extra: Uint8Array): Uint8Array {
  const changed = concatBytes([blob.subarray(0, 10), extra, blob.subarray(10)]);
  changed[3] = flag;
  return changed;
}

describe('gzipTar and gunzipTar', () => {
  it('give back the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
        expect(await gunzipTar(await gzipTar(bytes), bytes.length)).toEqual(bytes);
      }),
    );
  });

  it('write no flag and no time', async () => {
    expect((await gzipTar(text)).subarray(0, 10)).toEqual(
      Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff),
    );
  });

  it('read what another gzip wrote', async () => {
    expect(await gunzipTar(gzip(text), text.length)).toEqual(text);
  });
});

describe('gunzipTar refuses', () => {
  it.each([
    ['a file name', 0x08, Uint8Array.of(0x61, 0)],
    ['an extra field', 0x04, Uint8Array.of(1, 0, 0x61)],
    ['a comment', 0x10, Uint8Array.of(0x61, 0)],
    ['a header checksum', 0x02, Uint8Array.of(0, 0)],
    ['a text flag', 0x01, new Uint8Array(0)],
    ['a reserved flag', 0x80, new Uint8Array(0)],
  ])('%s in the header', async (_, flag, extra) => {
    expect(await codeOfAsync(gunzipTar(withFlag(gzip(text), flag, extra), text.length))).toBe('gzip.header');
  });

  it('what is not gzip at all', async () => {
    expect(await codeOfAsync(gunzipTar(new Uint8Array(0), 0))).toBe('gzip.header');
    expect(await codeOfAsync(gunzipTar(text, text.length))).toBe('gzip.header');
    const method = gzip(text);
    method[2] = 7;
    expect(await codeOfAsync(gunzipTar(method, text.length))).toBe('gzip.header');
  });

  it('several members, also when together they have the signed size', async () => {
    const [head, tail] = [text.subarray(0, 700), text.subarray(700)];
    const two = concatBytes([gzip(head), gzip(tail)]);
    expect(await codeOfAsync(gunzipTar(two, text.length))).toBe('gzip.corrupt');
    expect(
      await codeOfAsync(gunzipTar(concatBytes([gzip(text), gzip(new Uint8Array(0))]), text.length)),
    ).toBe('gzip.corrupt');
  });

  it('bytes after the member', async () => {
    expect(await codeOfAsync(gunzipTar(concatBytes([gzip(text), Uint8Array.of(0)]), text.length))).toBe(
      'gzip.corrupt',
    );
    expect(await codeOfAsync(gunzipTar(concatBytes([gzip(text), new Uint8Array(512)]), text.length))).toBe(
      'gzip.corrupt',
    );
  });

  it('bytes hidden between the stream and the footer', async () => {
    const blob = gzip(text);
    const footer = blob.subarray(blob.length - 8);
    const hidden = concatBytes([blob.subarray(0, -8), Uint8Array.of(1, 2, 3), footer]);
    expect(await codeOfAsync(gunzipTar(hidden, text.length))).toBe('gzip.corrupt');
  });

  it('a stream that ends early', async () => {
    const cut = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
    const footer = new Uint8Array(8);
    new DataView(footer.buffer).setUint32(0, crc32(text), true);
    new DataView(footer.buffer).setUint32(4, text.length, true);
    const blob = concatBytes([gzip(text).subarray(0, 10), cut, footer]);
    expect(await codeOfAsync(gunzipTar(blob, text.length))).toBe('gzip.corrupt');
    expect(await codeOfAsync(gunzipTar(gzip(text).subarray(0, -12), text.length))).toMatch(/^gzip\./);
  });

  it('a size other than the signed one', async () => {
    expect(await codeOfAsync(gunzipTar(gzip(text), text.length - 1))).toBe('gzip.corrupt');
    expect(await codeOfAsync(gunzipTar(gzip(text), text.length + 1))).toBe('gzip.size');
    expect(await codeOfAsync(gunzipTar(gzip(text), 0))).toBe('gzip.corrupt');
  });

  it('a footer that lies', async () => {
    for (const at of [1, 5]) {
      const blob = gzip(text);
      blob[blob.length - at] = (blob[blob.length - at] ?? 0) ^ 1;
      expect(await codeOfAsync(gunzipTar(blob, text.length))).toBe(at === 1 ? 'gzip.size' : 'gzip.corrupt');
    }
  });

  it('a bomb, without inflating past the signed size', async () => {
    const bomb = gzip(new Uint8Array(64 << 20));
    expect(await codeOfAsync(gunzipTar(bomb, 4096))).toBe('gzip.corrupt');
    expect(await codeOfAsync(gunzipTar(bomb, 64 << 20))).toBe('archive.too_large');
  });

  it('a signed size that so few bytes cannot inflate to, before allocating it', async () => {
    await expect(gunzipTar(gzip(text), 32 << 20)).rejects.toThrow('cannot inflate');
    expect(await codeOfAsync(gunzipTar(gzip(text), -1))).toBe('archive.too_large');
    expect(await codeOfAsync(gunzipTar(gzip(text), Number.NaN))).toBe('archive.too_large');
  });

  it('any changed byte that changes the result, and never crashes', async () => {
    const blob = gzip(text);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: blob.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const changed = Uint8Array.from(blob);
          changed[at] = (changed[at] ?? 0) ^ flip;
          const code = await codeOfAsync(gunzipTar(changed, text.length));
          if (code === 'nothing') expect(await gunzipTar(changed, text.length)).toEqual(text);
          else expect(code).toMatch(/^gzip\./);
        },
      ),
    );
  });
});
