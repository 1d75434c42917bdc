import { close, fsync, link, open, unlink, write, type NoParamCallback } from 'node:fs';

// By callbacks, for a store does little else: each promise of a FileHandle costs more than the work that it waits for.

/** Makes the entries of a directory (creations, renames, removals) outlive a power cut. */
export function syncDirectory(directory: string): Promise<void> {
  // Windows neither needs this nor lets a directory be opened.
  if (process.platform === 'win32') return Promise.resolve();
  return settled((done) => {
    // By another thread, as everything here: a mount that hangs must not hold up whoever does something else.
    open(directory, 'r', (error, descriptor) => {
      if (error) done(error);
      else fsync(descriptor, closing(descriptor, done));
    });
  });
}

/** Creates a file of mode 0600 with this content, on the disk when it resolves; rejects with `EEXIST` when it is there. */
export function writeNewFile(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return settled((done) => {
    open(path, 'wx', 0o600, (error, descriptor) => {
      if (error) {
        done(error);
        return;
      }
      const end = closing(descriptor, done);
      writeFrom(descriptor, bytes, 0, (failure) => {
        if (failure) end(failure);
        else fsync(descriptor, end);
      });
    });
  });
}

/** Writes what follows an offset: one call may write less than it was given. */
function writeFrom(descriptor: number, bytes: Uint8Array, offset: number, done: NoParamCallback): void {
  if (offset >= bytes.length) {
    done(null);
    return;
  }
  write(descriptor, bytes, offset, bytes.length - offset, null, (error, written) => {
    if (error) done(error);
    else writeFrom(descriptor, bytes, offset + written, done);
  });
}

/** Closes before it passes an outcome on, which no failure to close replaces. */
function closing(descriptor: number, done: NoParamCallback): NoParamCallback {
  return (outcome) => {
    close(descriptor, (failure) => {
      done(outcome ?? failure);
    });
  };
}

function settled(work: (done: NoParamCallback) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The operations that a durable store is made of, each complete when it resolves. A test passes some that fail. */
export interface FileOperations {
  /** Creates a file with this content, on the disk when it resolves; rejects with `EEXIST` when it is there. */
  writeNewFile(path: string, content: Uint8Array): Promise<void>;
  /** Gives an existing file a second name; rejects with `EEXIST` when the name is taken. */
  link(existing: string, path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  syncDirectory(directory: string): Promise<void>;
}

export const nodeFileOperations: FileOperations = {
  writeNewFile,
  link: (existing, path) =>
    settled((done) => {
      link(existing, path, done);
    }),
  unlink: (path) =>
    settled((done) => {
      unlink(path, done);
    }),
  syncDirectory,
};
