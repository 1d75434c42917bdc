import { link, open, unlink } from 'node:fs/promises';

/** Makes the entries of a directory (creations, renames, removals) outlive a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  // Windows neither needs this nor lets a directory be opened.
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates a file of mode 0600 with this content, on the disk when it resolves; rejects with `EEXIST` when it is there. */
export async function writeNewFile(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
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

export const nodeFileOperations: FileOperations = { writeNewFile, link, unlink, syncDirectory };
