import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { concatBytes, encodeUtf8 } from '../encoding/bytes.js';
import { codeOfAsync } from '../testing/codes.js';
import { type RawHeader, rawHeader, rawTar } from '../testing/raw-tar.js';
import { gunzipTar } from './gzip.js';
import { DEFAULT_LIMITS } from './limits.js';
import { packTar, readTar } from './tar.js';

/** What a reader is given: the compressed bytes, and the size that was signed. */
interface Given {
  readonly blob: Uint8Array;
  readonly signedBytes: number;
}

const hello = encodeUtf8('hello');
const five = '00000000005\0';
const good = packTar([{ path: 'a', bytes: hello, executable: false }]);

/** The framing of `gzip -n`, by other code than ours, with a header of the test's choice. */
function gzip(tar: Uint8Array, flags = 0, extra: Uint8Array = new Uint8Array(0)): Uint8Array {
  const footer = new Uint8Array(8);
  new DataView(footer.buffer).setUint32(0, crc32(tar), true);
  new DataView(footer.buffer).setUint32(4, tar.length, true);
  const header = Uint8Array.of(0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3);
  return concatBytes([header, extra, deflateRawSync(tar), footer]);
}

function tar(bytes: Uint8Array): Given {
  return { blob: gzip(bytes), signedBytes: bytes.length };
}

function entry(header: RawHeader, contents: Uint8Array = new Uint8Array(0)): Given {
  return tar(rawTar([[header, contents]]));
}

function entries(...headers: readonly RawHeader[]): Given {
  return tar(rawTar(headers.map((header) => [header])));
}

function blob(bytes: Uint8Array, signedBytes = good.length): Given {
  return { blob: bytes, signedBytes };
}

function pax(record: string): Given {
  const size = `${encodeUtf8(record).length.toString(8).padStart(11, '0')}\0`;
  return tar(
    rawTar([
      [{ name: 'PaxHeaders/a', type: 'x', size }, encodeUtf8(record)],
      [{ size: five }, hello],
    ]),
  );
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}

const headerChecksum = Uint8Array.of(0, 0);
const named = encodeUtf8('b.tar\0');

/** Everything that a bundle may not be: one row, one code. */
const REFUSED: readonly (readonly [string, string, Given])[] = [
  ['a parent folder', 'path.segment', entry({ name: '../a' })],
  ['a parent folder inside', 'path.segment', entry({ name: 'a/../b' })],
  ['an absolute path', 'path.absolute', entry({ name: '/etc/passwd' })],
  ['a path relative to a drive', 'path.character', entry({ name: 'C:a' })],
  ['an absolute path on a drive', 'path.character', entry({ name: 'C:/a' })],
  ['a UNC path', 'path.character', entry({ name: '\\\\host\\share\\a' })],
  ['a UNC path with slashes', 'path.absolute', entry({ name: '//host/share/a' })],
  ['a device path', 'path.character', entry({ name: '\\\\.\\NUL' })],
  ['a backslash', 'path.character', entry({ name: 'a\\b' })],
  ['a hard link', 'archive.type', entry({ type: '1', linkname: 'b' })],
  ['a symbolic link', 'archive.type', entry({ type: '2', linkname: '/etc/passwd' })],
  ['a character device', 'archive.type', entry({ type: '3' })],
  ['a block device', 'archive.type', entry({ type: '4' })],
  ['a folder', 'archive.type', entry({ type: '5', name: 'a/' })],
  ['a folder that claims to be a file', 'path.segment', entry({ name: 'a/' })],
  ['a FIFO', 'archive.type', entry({ type: '6' })],
  ['a contiguous file', 'archive.type', entry({ type: '7', size: five }, hello)],
  ['a file of a tar before POSIX', 'archive.type', entry({ type: '\0' })],
  ['a GNU sparse file', 'archive.type', entry({ type: 'S' })],
  ['a GNU multivolume continuation', 'archive.type', entry({ type: 'M' })],
  ['a GNU volume label', 'archive.type', entry({ type: 'V' })],
  ['a GNU long name', 'archive.type', entry({ type: 'L', name: '././@LongLink', size: five }, hello)],
  ['a GNU long link', 'archive.type', entry({ type: 'K', name: '././@LongLink', size: five }, hello)],
  ['a GNU folder dump', 'archive.type', entry({ type: 'D' })],
  ['a Solaris extended header', 'archive.type', entry({ type: 'X' })],
  ['an access control list', 'archive.type', entry({ type: 'A' })],
  ['a global pax header', 'archive.type', entry({ type: 'g', size: five }, hello)],
  ['an unknown type', 'archive.type', entry({ type: 'Z' })],
  ['a pax record that overrides the size', 'archive.type', pax('19 size=8589934592\n')],
  ['a pax record with a numeric path', 'archive.type', pax('10 path=1\n')],
  ['a pax record with a NUL', 'archive.type', pax('12 path=a\0b\n')],
  ['a pax record with a path outside', 'archive.type', pax('17 path=../../../\n')],
  ['a pax record that describes a sparse file', 'archive.type', pax('22 GNU.sparse.major=1\n')],
  ['a negative size', 'archive.header', entry({ size: '-0000000005\0' }, hello)],
  [
    'a size in base 256',
    'archive.header',
    entry({ size: Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5) }, hello),
  ],
  ['a negative size in base 256', 'archive.header', entry({ size: new Uint8Array(12).fill(0xff) })],
  ['a size of 8 GiB', 'archive.file_too_large', entry({ size: '77777777777\0' })],
  [
    'a size of 2^95 in base 256',
    'archive.header',
    entry({ size: Uint8Array.of(0x80, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) }),
  ],
  ['a file over the limit', 'archive.file_too_large', entry({ size: '00100000001\0' })],
  ['a size that is no number', 'archive.header', entry({ size: '0000000000x\0' })],
  ['a file that ends before its size', 'archive.truncated', entry({ size: '00000010000\0' })],
  ['one path twice', 'archive.duplicate', entries({ name: 'a' }, { name: 'a' })],
  ['a file and a folder of one name', 'path.collision', entries({ name: 'a' }, { name: 'a/b' })],
  ['names that differ in case', 'path.collision', entries({ name: 'A' }, { name: 'a' })],
  ['folders that differ in case', 'path.collision', entries({ name: 'A/x' }, { name: 'a/y' })],
  ['a name not in NFC', 'path.not_nfc', entry({ name: 'e\u0301' })],
  ['names that NFKC joins', 'path.collision', entries({ name: 'foo' }, { name: 'ｆｏｏ' })],
  ['a ligature and its letters', 'path.collision', entries({ name: 'file' }, { name: 'ﬁle' })],
  ['sharp s and ss', 'path.collision', entries({ name: 'strasse' }, { name: 'straße' })],
  ['large sharp s and ss', 'path.collision', entries({ name: 'ss' }, { name: 'ẞ' })],
  ['a Windows device', 'path.reserved', entry({ name: 'nul' })],
  ['a Windows device with an extension', 'path.reserved', entry({ name: 'a/aux.tar.gz' })],
  ['a Windows console', 'path.reserved', entry({ name: 'CONIN$' })],
  ['a Windows console for output', 'path.reserved', entry({ name: 'conout$' })],
  ['serial port 0', 'path.reserved', entry({ name: 'COM0' })],
  ['serial port superscript 1', 'path.reserved', entry({ name: 'com¹' })],
  ['a printer port', 'path.reserved', entry({ name: 'Lpt9.txt' })],
  ['an alternate data stream', 'path.character', entry({ name: 'x:y' })],
  ['a short name', 'path.short_name', entry({ name: 'PROGRA~1' })],
  ['a short name with an extension', 'path.short_name', entry({ name: 'a/readme~2.md' })],
  ['a name that is kept for sheaf', 'path.reserved', entry({ name: 'a/.Sheaf-x' })],
  ['a name that begins with a dash', 'path.dash', entry({ name: '-rf' })],
  ['a reversed name', 'path.character', entry({ name: 'a\u202etxt.exe' })],
  ['an isolated direction', 'path.character', entry({ name: 'a\u2066b' })],
  ['a zero-width joiner', 'path.character', entry({ name: 'a\u200db' })],
  ['a byte order mark', 'path.character', entry({ name: '\ufeffa' })],
  ['a soft hyphen', 'path.character', entry({ name: 'a\u00adb' })],
  ['a C1 control character', 'path.character', entry({ name: 'a\u009bb' })],
  ['an escape sequence', 'path.character', entry({ name: 'a\u001b[2J' })],
  ['a trailing dot', 'path.space', entry({ name: 'a.' })],
  ['a trailing space', 'path.space', entry({ name: 'a ' })],
  ['a leading space', 'path.space', entry({ name: 'a/ b' })],
  [
    'a path of 201 bytes',
    'path.too_long',
    entry({ prefix: `${'p'.repeat(50)}/${'q'.repeat(49)}`, name: 'n'.repeat(100) }),
  ],
  ['17 segments', 'path.too_deep', entry({ name: `${'a/'.repeat(16)}b` })],
  [
    '1,000 folders, by a GNU long name',
    'archive.type',
    entry({ type: 'L', name: '././@LongLink', size: '00000003720\0' }, encodeUtf8('a/'.repeat(1000))),
  ],
  ['1,000 folders, by pax', 'archive.type', pax(`2013 path=${'a/'.repeat(1000)}b\n`)],
  [
    'as many folders as ustar can name',
    'path.too_long',
    entry({ prefix: `${'a/'.repeat(77)}a`, name: `${'a/'.repeat(49)}b` }),
  ],
  ['entries out of order', 'archive.order', entries({ name: 'b' }, { name: 'a' })],
  ['entries in the order of UTF-16', 'archive.order', entries({ name: '😀' }, { name: '\uff5e' })],
  ['data after the trailer', 'archive.trailer', tar(concatBytes([good, rawHeader({ name: 'b' })]))],
  ['one zero block', 'archive.truncated', tar(good.subarray(0, -512))],
  ['three zero blocks', 'archive.trailer', tar(concatBytes([good, new Uint8Array(512)]))],
  [
    'the blocking of GNU tar',
    'archive.trailer',
    tar(concatBytes([good, new Uint8Array(10_240 - good.length)])),
  ],
  ['no trailer', 'archive.truncated', tar(good.subarray(0, -1024))],
  ['a trailer that is not zero', 'archive.trailer', tar(changed(good, good.length - 1, 1))],
  ['half a block', 'archive.truncated', tar(good.subarray(0, -1))],
  ['padding that is not zero', 'archive.padding', tar(changed(good, 512 + 5, 1))],
  ['the name of an owner', 'archive.header', entry({ uname: 'root' })],
  ['the name of a group', 'archive.header', entry({ gname: 'wheel' })],
  ['an owner', 'archive.header', entry({ uid: '0001750\0' })],
  ['a group', 'archive.header', entry({ gid: '0001750\0' })],
  ['a time', 'archive.header', entry({ mtime: '14000000000\0' })],
  ['a mode of 0777', 'archive.header', entry({ mode: '0000777\0' })],
  ['a set-user-id bit', 'archive.header', entry({ mode: '0004755\0' })],
  ['a link name on a file', 'archive.header', entry({ linkname: 'b' })],
  ['a device number on a file', 'archive.header', entry({ devmajor: '0000001\0' })],
  ['the magic of GNU tar', 'archive.header', entry({ magic: 'ustar  \0' })],
  ['bytes behind the prefix', 'archive.header', entry({ tail: 'x' })],
  ['bytes behind the NUL of a name', 'archive.header', entry({ name: 'a\0b' })],
  ['a name cut elsewhere', 'archive.header', entry({ prefix: 'a', name: 'b' })],
  ['a wrong checksum', 'archive.header', entry({ checksum: () => '000000\0 ' })],
  ['a dot-slash prefix', 'path.segment', entry({ name: './a' })],
  ['an empty name', 'path.empty', entry({ name: '' })],
  [
    '100,000 entries',
    'archive.too_many_files',
    tar(
      concatBytes([
        ...Array.from({ length: 100_000 }, (_, i) => rawHeader({ name: `f${String(i).padStart(6, '0')}` })),
        new Uint8Array(1024),
      ]),
    ),
  ],
  ['a text flag', 'gzip.header', blob(gzip(good, 0x01))],
  ['a header checksum', 'gzip.header', blob(gzip(good, 0x02, headerChecksum))],
  ['an extra field', 'gzip.header', blob(gzip(good, 0x04, Uint8Array.of(1, 0, 0x61)))],
  ['a file name in the gzip header', 'gzip.header', blob(gzip(good, 0x08, named))],
  ['a comment', 'gzip.header', blob(gzip(good, 0x10, named))],
  ['the first reserved flag', 'gzip.header', blob(gzip(good, 0x20))],
  ['the second reserved flag', 'gzip.header', blob(gzip(good, 0x40))],
  ['the third reserved flag', 'gzip.header', blob(gzip(good, 0x80))],
  ['another compression method', 'gzip.header', blob(changed(gzip(good), 2, 9))],
  ['another magic', 'gzip.header', blob(changed(gzip(good), 1, 0x8c))],
  ['two members', 'gzip.corrupt', blob(concatBytes([gzip(good.subarray(0, 512)), gzip(good.subarray(512))]))],
  ['a second, empty member', 'gzip.corrupt', blob(concatBytes([gzip(good), gzip(new Uint8Array(0))]))],
  ['a byte after the member', 'gzip.corrupt', blob(concatBytes([gzip(good), Uint8Array.of(0)]))],
  ['a block of zeros after the member', 'gzip.corrupt', blob(concatBytes([gzip(good), new Uint8Array(512)]))],
  ['a size in the footer that is not so', 'gzip.size', blob(changed(gzip(good), gzip(good).length - 1, 1))],
  [
    'a checksum in the footer that is not so',
    'gzip.corrupt',
    blob(changed(gzip(good), gzip(good).length - 8, 1 ^ (gzip(good).at(-8) ?? 0))),
  ],
  ['a bundle shorter than it was signed', 'gzip.size', blob(gzip(good), good.length + 512)],
  ['a bundle longer than it was signed', 'gzip.corrupt', blob(gzip(good), good.length - 512)],
  ['a bomb', 'gzip.corrupt', blob(gzipSync(new Uint8Array(32 << 20)), 4096)],
  ['a bomb that was signed', 'archive.too_large', blob(gzipSync(new Uint8Array(64 << 20)), 64 << 20)],
  ['a signed size that no blob of this length reaches', 'gzip.size', blob(gzip(good), 32 << 20)],
];

describe('a bundle is refused for', () => {
  it.each(REFUSED)('%s: %s', async (_, code, { blob, signedBytes }) => {
    // Room for what is too many but not too large; the bomb that was signed must still be over it.
    const limits = { ...DEFAULT_LIMITS, tarBytes: 52 << 20 };
    const read = gunzipTar(blob, signedBytes, limits.tarBytes).then((bytes) => readTar(bytes, limits));
    expect(await codeOfAsync(read)).toBe(code);
  });

  it('none of what the rows above change', async () => {
    expect(readTar(await gunzipTar(gzip(good), good.length))).toHaveLength(1);
    expect(rawTar([[{ size: five }, hello]])).toEqual(good);
  });
});
