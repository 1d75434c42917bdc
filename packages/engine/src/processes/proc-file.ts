import { closeSync, openSync, readSync } from 'node:fs';

/** More than a line of `/proc` has. */
const PROC_BYTES = 4096;
const buffer = Buffer.alloc(PROC_BYTES);

/**
 * The first 4 KiB of a file of `/proc`; undefined when it cannot be read. Such files say that they are empty, and Node's own
 * function takes 64 KiB of memory for each.
 */
export function readProc(path: string): string | undefined {
  let opened: number | undefined;
  try {
    opened = openSync(path, 'r');
    return buffer.toString('latin1', 0, readSync(opened, buffer, 0, PROC_BYTES, null));
  } catch {
    return undefined;
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}
