import type { ChildProcess } from 'node:child_process';
import { Writable } from 'node:stream';

/** The descriptor that bwrap reads arguments from. */
export const ARGUMENTS_FD = 3;

/** Writes what bwrap reads; it may end before it has read all. */
export function giveArguments(child: ChildProcess, input: Uint8Array): void {
  const pipe = child.stdio[ARGUMENTS_FD];
  if (!(pipe instanceof Writable)) return;
  pipe.on('error', () => undefined);
  pipe.end(input);
}
