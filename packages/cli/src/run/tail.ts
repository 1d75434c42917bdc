const NEWLINE = 0x0a;

/** The last lines of a text; all of it without a count. A newline at the very end ends a line and begins none. */
export function lastLines(bytes: Uint8Array, count: number | undefined): Uint8Array {
  if (count === undefined) return bytes;
  if (count === 0) return bytes.subarray(bytes.length);
  let at = bytes.length - (bytes.at(-1) === NEWLINE ? 1 : 0);
  for (let left = count; left > 0; left--) {
    if (at <= 0) return bytes;
    at = bytes.lastIndexOf(NEWLINE, at - 1);
    if (at === -1) return bytes;
  }
  return bytes.subarray(at + 1);
}
