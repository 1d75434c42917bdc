import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../digest.js';
import { concatBytes, encodeUtf8 } from '../encoding/bytes.js';
import { codeOf } from '../testing/codes.js';
import { rawHeader, rawTar } from '../testing/raw-tar.js';
import { DEFAULT_LIMITS } from './limits.js';
import { type ArchiveFile, packTar, readTar } from './tar.js';

function file(path: string, contents = '', executable = false): ArchiveFile {
  return { path, bytes: encodeUtf8(contents), executable };
}

const segment = fc.stringMatching(/^[a-z0-9_é日]{1,12}$/);
const path = fc.array(segment, { minLength: 1, maxLength: 6 }).map((segments) => segments.join('/'));
const tree = fc
  .uniqueArray(fc.record({ path, bytes: fc.uint8Array({ maxLength: 1300 }), executable: fc.boolean() }), {
    maxLength: 8,
    selector: (entry) => entry.path,
  })
  .filter((files) => codeOf(() => packTar(files)) === 'nothing');

describe('packTar and readTar', () => {
  it('give back the files, in the order of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(tree, (files) => {
        const sorted = [...files].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
        expect(readTar(packTar(files))).toEqual(sorted);
        expect(packTar([...files].reverse())).toEqual(packTar(files));
      }),
    );
  });

  it('agree on one encoding: what was read packs to the same bytes', () => {
    fc.assert(
      fc.property(tree, (files) => {
        const tar = packTar(files);
        expect(packTar(readTar(tar))).toEqual(tar);
      }),
    );
  });

  it('refuse any changed byte outside contents, and give another digest for one inside', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.integer({ min: 1, max: 255 }), (files, where, flip) => {
        const tar = packTar(files);
        const at = where % tar.length;
        const changed = Uint8Array.from(tar);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(digestOf(changed)).not.toBe(digestOf(tar));
        const inContents = readTar(tar).some(({ bytes }) => {
          const start = bytes.byteOffset - tar.byteOffset;
          return at >= start && at < start + bytes.length;
        });
        if (!inContents) expect(codeOf(() => readTar(changed))).toMatch(/^(archive|path)\./);
      }),
      { numRuns: 500 },
    );
  });

  it('survive random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), fc.nat({ max: 8 }), (noise, blocks) => {
        const tar = concatBytes([rawHeader(), noise, new Uint8Array(512 * blocks)]);
        for (const bytes of [noise, tar, tar.subarray(0, tar.length - (tar.length % 512))]) {
          expect(codeOf(() => readTar(bytes))).toMatch(/^(nothing|archive\..+|path\..+)$/);
        }
      }),
    );
  });

  it('return views and not copies', () => {
    const tar = packTar([file('a', 'text')]);
    expect(readTar(tar)[0]?.bytes.buffer).toBe(tar.buffer);
  });

  it('read an archive that is itself a view into a larger buffer', () => {
    const tar = packTar([file('a', 'text', true)]);
    const around = concatBytes([new Uint8Array(7), tar, new Uint8Array(9)]);
    expect(readTar(around.subarray(7, 7 + tar.length))).toEqual([file('a', 'text', true)]);
  });

  it('cut long paths at a slash and read them back', () => {
    for (const long of [
      'a'.repeat(100),
      `${'a'.repeat(99)}/${'b'.repeat(100)}`,
      `${'p'.repeat(155)}/${'n'.repeat(44)}`,
      `${'p'.repeat(54)}/${'q'.repeat(100)}/x/${'n'.repeat(40)}`,
    ]) {
      expect(readTar(packTar([file(long, 'x')]))).toEqual([file(long, 'x')]);
    }
  });

  it('refuse a path that ustar cannot cut', () => {
    expect(codeOf(() => packTar([file('a'.repeat(101))]))).toBe('path.too_long');
    expect(codeOf(() => packTar([file(`${'a'.repeat(156)}/b`)]))).toBe('path.too_long');
    expect(codeOf(() => packTar([file(`a/${'b'.repeat(101)}`)]))).toBe('path.too_long');
  });
});

describe('packTar', () => {
  it('refuses the same path twice', () => {
    expect(codeOf(() => packTar([file('a'), file('a')]))).toBe('archive.duplicate');
  });

  it('refuse version control, packed by others or by us', () => {
    for (const names of [['.git/config'], ['x/.HG/hgrc'], ['a/HEAD', 'a/objects/x', 'a/refs/x']]) {
      expect(codeOf(() => packTar(names.map((name) => file(name))))).toBe('path.reserved');
      const tar = rawTar(names.map((name) => [{ name }]));
      expect(codeOf(() => readTar(tar))).toBe('path.reserved');
    }
  });

  it('refuses paths that are not allowed, or that collide', () => {
    expect(codeOf(() => packTar([file('../a')]))).toBe('path.segment');
    expect(codeOf(() => packTar([file('a'), file('A')]))).toBe('path.collision');
    expect(codeOf(() => packTar([file('a'), file('a/b')]))).toBe('path.collision');
  });

  it('keeps to its limits', () => {
    const limits = { ...DEFAULT_LIMITS, files: 2, fileBytes: 600, tarBytes: 4095 };
    expect(codeOf(() => packTar([file('a'), file('b')], limits))).toBe('nothing');
    expect(codeOf(() => packTar([file('a'), file('b'), file('c')], limits))).toBe('archive.too_many_files');
    expect(codeOf(() => packTar([file('a', 'x'.repeat(601))], limits))).toBe('archive.file_too_large');
    expect(codeOf(() => packTar([file('a', 'x'.repeat(600)), file('b', 'x'.repeat(600))], limits))).toBe(
      'archive.too_large',
    );
  });
});

describe('readTar', () => {
  const contents = encodeUtf8('hello');
  const five = '00000000005\0';

  it('accepts the canonical header that the refusals below change', () => {
    expect(readTar(rawTar([[{ size: five }, contents]]))).toEqual([file('a', 'hello')]);
    expect(readTar(rawTar([]))).toEqual([]);
  });

  it.each([
    ['a hard link', '1'],
    ['a symbolic link', '2'],
    ['a character device', '3'],
    ['a block device', '4'],
    ['a folder', '5'],
    ['a FIFO', '6'],
    ['a contiguous file', '7'],
    ['an old file', '\0'],
    ['a pax header', 'x'],
    ['a global pax header', 'g'],
    ['a GNU long name', 'L'],
    ['a GNU long link', 'K'],
    ['a GNU sparse file', 'S'],
    ['a GNU multivolume file', 'M'],
    ['a GNU volume label', 'V'],
    ['an unknown type', 'Z'],
  ])('refuses %s', (_, type) => {
    expect(codeOf(() => readTar(rawTar([[{ type, linkname: type === '2' ? 'b' : '' }]])))).toBe(
      'archive.type',
    );
  });

  it.each([
    ['a pax record that overrides the size', '12 size=100\n'],
    ['a pax record with a numeric path', '10 path=1\n'],
    ['a pax record with a NUL', '10 path=\0\n'],
  ])('refuses %s', (_, record) => {
    const size = `${record.length.toString(8).padStart(11, '0')}\0`;
    expect(codeOf(() => readTar(rawTar([[{ type: 'x', size }, encodeUtf8(record)], [{}]])))).toBe(
      'archive.type',
    );
  });

  it.each([
    ['a mode of 0600', { mode: '0000600\0' }],
    ['a set-user-id bit', { mode: '0004755\0' }],
    ['a mode that is padded with spaces', { mode: '   644 \0' }],
    ['an owner', { uid: '0000001\0' }],
    ['a group', { gid: '0000001\0' }],
    ['a time', { mtime: '00000000001\0' }],
    ['the name of an owner', { uname: 'root' }],
    ['the name of a group', { gname: 'root' }],
    ['a link name', { linkname: 'b' }],
    ['a device number', { devmajor: '0000001\0' }],
    ['an empty device number', { devmajor: '\0\0\0\0\0\0\0\0' }],
    ['GNU magic', { magic: 'ustar  \0' }],
    ['no magic', { magic: '' }],
    ['bytes after the prefix', { tail: 'x' }],
    ['a negative size', { size: '-0000000001\0' }],
    ['a size in base 256', { size: Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5) }],
    ['a negative size in base 256', { size: new Uint8Array(12).fill(0xff) }],
    ['a size that ends in a space', { size: '00000000005 ' }],
    ['a size without a NUL', { size: '000000000005' }],
    ['a size with fewer digits', { size: '5\0' }],
    ['a prefix that is not needed', { prefix: 'b' }],
    ['a wrong checksum', { checksum: (sum: number) => `${(sum + 1).toString(8).padStart(6, '0')}\0 ` }],
    ['a checksum written otherwise', { checksum: (sum: number) => `${sum.toString(8).padStart(6, '0')} \0` }],
    ['a name with bytes after its NUL', { name: 'a\0b' }],
    ['a name that is not UTF-8', { name: Uint8Array.of(0x61, 0xff) }],
    ['a name in an overlong encoding', { name: Uint8Array.of(0x61, 0xc1, 0x81) }],
  ])('refuses %s', (_, header) => {
    expect(codeOf(() => readTar(rawTar([[{ size: five, ...header }, contents]])))).toBe('archive.header');
  });

  it.each([
    ['./a', 'path.segment'],
    ['../a', 'path.segment'],
    ['/a', 'path.absolute'],
    ['a/', 'path.segment'],
    ['a\\b', 'path.character'],
    ['c:a', 'path.character'],
    ['e\u0301', 'path.not_nfc'],
    ['aux', 'path.reserved'],
    ['', 'path.empty'],
  ])('refuses the path %j', (name, code) => {
    const got = codeOf(() => readTar(rawTar([[{ name }]])));
    // A header that begins with a NUL could also be the trailer's.
    expect(got).toBe(name === '' ? 'path.empty' : code);
  });

  it('refuses an oversize file before anything of it is read', () => {
    expect(codeOf(() => readTar(rawTar([[{ size: '77777777777\0' }]])))).toBe('archive.file_too_large');
    expect(codeOf(() => readTar(rawTar([[{ size: '00000010000\0' }]])))).toBe('archive.truncated');
  });

  it('refuses entries that are out of order, or there twice', () => {
    expect(codeOf(() => readTar(rawTar([[{ name: 'b' }], [{ name: 'a' }]])))).toBe('archive.order');
    expect(codeOf(() => readTar(rawTar([[{ name: 'a' }], [{ name: 'a' }]])))).toBe('archive.duplicate');
    expect(codeOf(() => readTar(rawTar([[{ name: '😀' }], [{ name: '\uff5e' }]])))).toBe('archive.order');
  });

  it('refuses a file and a folder of one name, and names that fold together', () => {
    expect(codeOf(() => readTar(rawTar([[{ name: 'a' }], [{ name: 'a/b' }]])))).toBe('path.collision');
    expect(codeOf(() => readTar(rawTar([[{ name: 'A' }], [{ name: 'a' }]])))).toBe('path.collision');
    expect(codeOf(() => readTar(rawTar([[{ name: 'ss' }], [{ name: 'ß' }]])))).toBe('path.collision');
  });

  it('refuses padding that is not zero', () => {
    const tar = rawTar([[{ size: five }, contents]]);
    tar[512 + 5] = 1;
    expect(codeOf(() => readTar(tar))).toBe('archive.padding');
  });

  it('refuses a trailer that is not exactly two zero blocks', () => {
    expect(codeOf(() => readTar(rawTar([[{}]], 1)))).toBe('archive.truncated');
    expect(codeOf(() => readTar(rawTar([[{}]], 3)))).toBe('archive.trailer');
    expect(codeOf(() => readTar(rawTar([[{}]], 20)))).toBe('archive.trailer');
    expect(codeOf(() => readTar(concatBytes([rawTar([[{}]]), Uint8Array.of(0)])))).toBe('archive.truncated');
    expect(codeOf(() => readTar(concatBytes([rawTar([[{}]]), rawHeader({ name: 'b' })])))).toBe(
      'archive.trailer',
    );
    const half = rawTar([[{}]]);
    half[half.length - 1] = 1;
    expect(codeOf(() => readTar(half))).toBe('archive.trailer');
    expect(codeOf(() => readTar(new Uint8Array(0)))).toBe('archive.truncated');
  });

  it('stops at its limits, whatever is behind them', () => {
    const many = concatBytes([
      ...Array.from({ length: 100_000 }, (_, i) => rawHeader({ name: `f${String(i).padStart(6, '0')}` })),
      new Uint8Array(1024),
    ]);
    const wide = { ...DEFAULT_LIMITS, tarBytes: many.length };
    expect(codeOf(() => readTar(many, wide))).toBe('archive.too_many_files');
    expect(codeOf(() => readTar(many))).toBe('archive.too_large');
    const deep = rawTar([[{ name: 'a/'.repeat(49) + 'b', prefix: 'a/'.repeat(77) + 'a' }]]);
    expect(codeOf(() => readTar(deep))).toMatch(/^path\.too_(deep|long)$/);
  });
});
