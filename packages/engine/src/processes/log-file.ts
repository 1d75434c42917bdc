import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';

/** Appends to the log of a step. Writing never throws: a log that cannot be written must not change how its step ends. */
export interface LogFile {
  write(chunk: Uint8Array): void;
  /** Closes the file; true when all that was written is in it. */
  close(): boolean;
}

/**
 * A log that keeps at most `maxBytes` over all attempts, and says at its end when there was more. The file (0600) is made with
 * the first byte. Writes are synchronous on purpose: a step that writes faster than the disk is slowed, not buffered.
 */
export function openLogFile(path: string, maxBytes: number): LogFile {
  let fd: number | undefined;
  let room = 0;
  let whole = true;

  function open(): number {
    if (fd === undefined) {
      const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
      fd = openSync(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_WRONLY, 0o600);
      room = maxBytes - fstatSync(fd).size;
    }
    return fd;
  }

  return {
    write: (chunk) => {
      if (!whole) return;
      try {
        const target = open();
        writeAll(target, chunk.subarray(0, Math.max(0, room)));
        room -= chunk.length;
        if (room < 0) {
          whole = false;
          writeAll(
            target,
            Buffer.from(`\n[the log of a step ends at ${maxBytes} bytes; the step went on]\n`),
          );
        }
      } catch {
        whole = false;
      }
    },
    close: () => {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
      return whole;
    },
  };
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
}
