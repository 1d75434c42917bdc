import { crc32 } from 'node:zlib';
import { concatBytes } from '../../src/encoding/bytes.js';

/** A gzip member whose deflate stream stores its input as it is: the same bytes by every compressor. */
export function storedGzip(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += 0xffff) {
    const chunk = bytes.subarray(at, at + 0xffff);
    const head = new Uint8Array(5);
    head[0] = at + 0xffff >= bytes.length ? 1 : 0;
    new DataView(head.buffer).setUint16(1, chunk.length, true);
    new DataView(head.buffer).setUint16(3, ~chunk.length & 0xffff, true);
    blocks.push(head, chunk);
  }
  const footer = new Uint8Array(8);
  new DataView(footer.buffer).setUint32(0, crc32(bytes), true);
  new DataView(footer.buffer).setUint32(4, bytes.length, true);
  return concatBytes([Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff), ...blocks, footer]);
}
