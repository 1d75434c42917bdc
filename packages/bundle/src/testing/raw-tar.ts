import { concatBytes, encodeUtf8 } from '../encoding/bytes.js';

/** Fields of a tar header as raw text, so that tests can write what no packer of ours would. */
export interface RawHeader {
  readonly name?: string | Uint8Array;
  readonly mode?: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly size?: string | Uint8Array;
  readonly mtime?: string;
  readonly type?: string;
  readonly linkname?: string;
  readonly magic?: string;
  readonly uname?: string;
  readonly gname?: string;
  readonly devmajor?: string;
  readonly prefix?: string;
  readonly tail?: string;
  readonly checksum?: (sum: number) => string;
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? encodeUtf8(value) : value;
}

/** A canonical header for an empty file `a`, except for what is given; its checksum is right. */
export function rawHeader(fields: RawHeader = {}): Uint8Array {
  const block = new Uint8Array(512);
  const put = (at: number, value: string | Uint8Array): void => {
    block.set(bytesOf(value), at);
  };
  put(0, fields.name ?? 'a');
  put(100, fields.mode ?? '0000644\0');
  put(108, fields.uid ?? '0000000\0');
  put(116, fields.gid ?? '0000000\0');
  put(124, fields.size ?? '00000000000\0');
  put(136, fields.mtime ?? '00000000000\0');
  put(148, '        ');
  put(156, fields.type ?? '0');
  put(157, fields.linkname ?? '');
  put(257, fields.magic ?? 'ustar\u000000');
  put(265, fields.uname ?? '');
  put(297, fields.gname ?? '');
  put(329, fields.devmajor ?? '0000000\0');
  put(337, '0000000\0');
  put(345, fields.prefix ?? '');
  put(500, fields.tail ?? '');
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, fields.checksum?.(sum) ?? `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** Headers and contents, each padded, and a trailer of `trailerBlocks` blocks. */
export function rawTar(
  entries: readonly (readonly [RawHeader, Uint8Array?])[],
  trailerBlocks = 2,
): Uint8Array {
  const parts = entries.flatMap(([header, contents = new Uint8Array(0)]) => [
    rawHeader(header),
    contents,
    new Uint8Array((512 - (contents.length % 512)) % 512),
  ]);
  return concatBytes([...parts, new Uint8Array(512 * trailerBlocks)]);
}
