import { closeSync, openSync, readSync, unlinkSync } from 'node:fs';

/** The descriptor on which bwrap says what it has started. */
export const INFO_FD = 4;
const INFO_BYTES = 1024;

/** Where bwrap says which process is the first in its sandbox. */
export interface SandboxInfo {
  readonly fd: number;
  /** Undefined when there came to be none. To be asked when bwrap has ended. */
  findFirst(): number | undefined;
  close(): void;
}

/** A file that has no name any more when this returns. Throws the system's error. */
export function openSandboxInfo(path: string): SandboxInfo {
  const fd = openSync(path, 'w+', 0o600);
  unlinkSync(path);
  return {
    fd,
    findFirst: () => {
      const bytes = Buffer.alloc(INFO_BYTES);
      const text = bytes.toString('latin1', 0, readSync(fd, bytes, 0, INFO_BYTES, 0));
      const [, pid] = /"child-pid": (\d{1,10})/.exec(text) ?? [];
      return pid === undefined ? undefined : Number(pid);
    },
    close: () => {
      closeSync(fd);
    },
  };
}
