import { closeSync, openSync } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';

/** Opens the terminal that questions are asked on; the same one each time. */
export type OpenTerminal = () => ReadStream;

const CONTROLLING_TERMINAL = '/dev/tty';

/**
 * Where a person can be asked: stdin, or the controlling terminal when stdin is a file or a pipe (`< FILE`). Undefined
 * when nobody sees stderr, and where there is no terminal, as in CI and cron.
 */
export function findTerminal(
  stdin: NodeJS.ReadStream,
  stderr: { readonly isTty: boolean },
  path = CONTROLLING_TERMINAL,
): OpenTerminal | undefined {
  if (!stderr.isTty) return undefined;
  if (stdin.isTTY) return () => stdin;
  const fd = tryOpen(path);
  if (fd === undefined) return undefined;
  let stream: ReadStream | undefined;
  return () => (stream ??= new ReadStream(fd));
}

function tryOpen(path: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r+');
  } catch {
    // No terminal controls this process: ENXIO, or ENOENT where there are no such files.
    return undefined;
  }
  if (isatty(fd)) return fd;
  closeSync(fd);
  return undefined;
}
