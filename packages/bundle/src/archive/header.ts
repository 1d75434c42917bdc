import { encodeUtf8 } from '../encoding/bytes.js';
import { BundleError } from '../error.js';
import { showPath } from './path.js';

/** A tar block. Headers are one block; contents fill whole blocks. */
export const BLOCK_BYTES = 512;

const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
const CHECKSUM_AT = 148;

const template = createTemplate();
const templateSum = template.reduce((sum, byte) => sum + byte, 0);
/** The digits of 0644 against 0755: what an executable adds to the checksum. */
const EXECUTABLE_MODE = encodeUtf8('0000755');
const EXECUTABLE_SUM = 7 + 5 + 5 - (6 + 4 + 4);

function createTemplate(): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  const fields = [
    [100, '0000644\0' + '0000000\0' + '0000000\0' + '00000000000\0' + '00000000000\0'],
    [CHECKSUM_AT, '        '],
    [156, '0'],
    [257, 'ustar\0' + '00'],
    [329, '0000000\0' + '0000000\0'],
  ] as const;
  for (const [at, text] of fields) block.set(encodeUtf8(text), at);
  return block;
}

/**
 * Writes the only header that `sheaf-tar-v1` allows for a file: POSIX ustar, a regular file of mode 0644 or 0755,
 * owner 0, time 0, no names of users or groups. A path of more than 100 bytes is cut at the last `/` that leaves
 * at most 155 bytes before it, as GNU tar does.
 *
 * @param block 512 bytes, overwritten
 * @throws BundleError `path.too_long` when no cut leaves both parts short enough
 */
export function writeHeader(block: Uint8Array, path: string, sizeBytes: number, executable: boolean): void {
  block.set(template);
  let sum = templateSum;
  const bytes = encodeUtf8(path);
  if (bytes.length <= NAME_BYTES) {
    block.set(bytes, 0);
  } else {
    const cut = findCut(bytes);
    if (cut === -1) {
      throw new BundleError(
        'path.too_long',
        `path ${showPath(path)} cannot be cut into 155 and 100 bytes at a slash`,
        {
          hint: 'shorten its folder names or its file name',
        },
      );
    }
    block.set(bytes.subarray(cut + 1), 0);
    block.set(bytes.subarray(0, cut), 345);
    sum -= 0x2f;
  }
  for (const byte of bytes) sum += byte;
  if (executable) {
    block.set(EXECUTABLE_MODE, 100);
    sum += EXECUTABLE_SUM;
  }
  sum += writeOctal(block, 124, 11, sizeBytes);
  writeOctal(block, CHECKSUM_AT, 6, sum);
  block[CHECKSUM_AT + 6] = 0;
}

function findCut(path: Uint8Array): number {
  for (let at = Math.min(PREFIX_BYTES, path.length - 2); at > 0; at--) {
    if (path[at] === 0x2f) return path.length - at - 1 <= NAME_BYTES ? at : -1;
  }
  return -1;
}

/** Writes zero-padded octal digits and answers what they add to the checksum beyond zeros. */
function writeOctal(block: Uint8Array, at: number, digits: number, value: number): number {
  let rest = value;
  let added = 0;
  for (let i = digits - 1; i >= 0; i--) {
    const digit = rest % 8;
    block[at + i] = 0x30 + digit;
    added += digit;
    rest = Math.floor(rest / 8);
  }
  return added;
}
