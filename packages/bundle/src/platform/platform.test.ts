import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rawHeader } from '../testing/raw-tar.js';
import { platform as browser } from './browser.js';
import { platform as node } from './node.js';

it('hashes and sums the same everywhere', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(browser.sha256(bytes)).toEqual(node.sha256(bytes));
      expect(browser.crc32(bytes)).toBe(node.crc32(bytes));
    }),
  );
});

it('writes and reads base64 the same everywhere', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 12 }),
      (bytes, text) => {
        expect(browser.encodeBase64(bytes)).toBe(node.encodeBase64(bytes));
        expect(browser.findBase64(text)).toEqual(node.findBase64(text));
        for (const each of [browser, node]) expect(each.findBase64(each.encodeBase64(bytes))).toEqual(bytes);
      },
    ),
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9+/=_\-\s\u0100-\u0180]{0,12}$/), (text) => {
      expect(node.findBase64(text)).toEqual(browser.findBase64(text));
    }),
    { numRuns: 2000 },
  );
});

it('tells everywhere whether bytes are equal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (a, b) => {
      const same = a.join() === b.join();
      for (const each of [browser, node]) {
        expect(each.equalBytes(a, b)).toBe(same);
        expect(each.equalBytes(a, Uint8Array.from(a))).toBe(true);
      }
    }),
  );
});

/** Some Node versions overlook input after the stream, against the Compression Streams standard. */
async function streamsConform(): Promise<boolean> {
  const trailing = Uint8Array.from([...(await node.deflateRaw(Uint8Array.of(1))), 0]);
  return (await browser.inflateRaw(trailing, 1)) === undefined;
}

it('inflates everywhere what was deflated anywhere, and refuses the same', async () => {
  const conforms = await streamsConform();
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 2000 }),
      fc.uint8Array({ maxLength: 4 }),
      fc.nat({ max: 3 }),
      async (bytes, more, less) => {
        for (const packer of [node, browser]) {
          const deflated = await packer.deflateRaw(bytes);
          const trailing = Uint8Array.from([...deflated, ...more]);
          const cut = deflated.subarray(0, deflated.length - less);
          for (const reader of [node, browser]) {
            expect(await reader.inflateRaw(deflated, bytes.length)).toEqual(bytes);
            if (reader === node || conforms) {
              expect((await reader.inflateRaw(trailing, bytes.length)) === undefined).toBe(more.length > 0);
            }
            expect((await reader.inflateRaw(cut, bytes.length)) === undefined).toBe(less > 0);
            if (bytes.length > 0) expect(await reader.inflateRaw(deflated, bytes.length - 1)).toBeUndefined();
          }
        }
      },
    ),
    { numRuns: 40 },
  );
});

it('derives the same key from a passphrase everywhere', async () => {
  const cost = { n: 1024, r: 8, p: 1, keyBytes: 32 };
  const [passphrase, salt] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)];
  expect(await browser.scrypt(passphrase, salt, cost)).toEqual(await node.scrypt(passphrase, salt, cost));
});

it('reads the same from every header that could be canonical', () => {
  const name = fc.stringMatching(/^[a-zé日][a-z0-9é]{0,20}$/);
  fc.assert(
    fc.property(
      name,
      fc.option(name, { nil: undefined }),
      fc.nat({ max: 8 ** 8 }),
      fc.boolean(),
      (last, prefix, size, executable) => {
        const header = rawHeader({
          name: last,
          ...(prefix === undefined ? {} : { prefix }),
          size: `${size.toString(8).padStart(11, '0')}\0`,
          mode: executable ? '0000755\0' : '0000644\0',
        });
        const read = browser.readTarHeader(header);
        expect(read).toEqual(node.readTarHeader(header));
        expect(read).toEqual({
          path: prefix === undefined ? last : `${prefix}/${last}`,
          mode: executable ? 0o755 : 0o644,
          sizeBytes: size,
        });
      },
    ),
  );
});
