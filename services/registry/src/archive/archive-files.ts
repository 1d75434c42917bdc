import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../objects/durable-files.js';
import { ArchiveError, invalidArchive } from './archive-error.js';
import { BLOCK, paddingOf, sizeInHeader, tarHeader } from './tar-stream.js';

/** Takes the files of an archive in their order. */
export interface ArchiveWriter {
  add(name: string, bytes: Uint8Array): Promise<void>;
  /** The archive appears under its name, whole and on the disk. */
  finish(): Promise<void>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

/** Gives the files of an archive in their order: the reader knows which one comes next. */
export interface ArchiveReader {
  /** @throws ArchiveError `archive.invalid` when another file comes next, or a larger one */
  read(name: string, maxBytes: number): Promise<Buffer>;
  /** @throws ArchiveError `archive.invalid` when more comes */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** Writes a tar file; or a folder, when the path ends with a slash. Nothing that exists is replaced. */
export async function createArchive(path: string): Promise<ArchiveWriter> {
  if (await stat(path).catch(() => undefined))
    throw new ArchiveError('archive.exists', `${path} exists`, 'name a file or folder that does not exist');
  const target = path.replace(/\/+$/, '');
  const partial = `${target}.${randomBytes(4).toString('hex')}.partial`;
  return path.endsWith('/') ? createFolder(partial, target) : createTar(partial, target);
}

async function createTar(partial: string, target: string): Promise<ArchiveWriter> {
  const file = await open(partial, 'wx', 0o600);
  const write = async (bytes: Uint8Array) => {
    let offset = 0;
    while (offset < bytes.length) offset += (await file.write(bytes, offset)).bytesWritten;
  };
  return {
    add: async (name, bytes) => {
      await write(tarHeader(name, bytes.length));
      await write(bytes);
      await write(Buffer.alloc(paddingOf(bytes.length)));
    },
    finish: async () => {
      await write(Buffer.alloc(2 * BLOCK));
      await file.sync();
      await file.close();
      await rename(partial, target);
      await syncDirectory(dirname(target));
    },
    abandon: async () => {
      await file.close().catch(() => undefined);
      await rm(partial, { force: true });
    },
  };
}

async function createFolder(partial: string, target: string): Promise<ArchiveWriter> {
  await mkdir(partial, { mode: 0o700 });
  const folders = new Set<string>();
  return {
    add: async (name, bytes) => {
      const path = join(partial, name);
      const folder = dirname(path);
      if (!folders.has(folder)) await mkdir(folder, { recursive: true, mode: 0o700 });
      folders.add(folder);
      const file = await open(path, 'w', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
    },
    finish: async () => {
      for (const folder of folders) await syncDirectory(folder);
      await rename(partial, target);
      await syncDirectory(dirname(target));
    },
    abandon: () => rm(partial, { recursive: true, force: true }),
  };
}

/** Opens a tar file or a folder. @throws ArchiveError `archive.unreadable` */
export async function openArchive(path: string): Promise<ArchiveReader> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (found.isDirectory()) return openFolder(path);
  return openTar(
    await open(path, 'r').catch((cause: unknown) => {
      throw unreadable(path, cause);
    }),
  );
}

function openTar(file: FileHandle): ArchiveReader {
  let at = 0;
  const take = async (length: number, what: string): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafeSlow(length);
    let offset = 0;
    while (offset < length) {
      const { bytesRead } = await file.read(buffer, offset, length - offset, at + offset);
      if (bytesRead === 0) throw invalidArchive(`the archive ends before ${what}`);
      offset += bytesRead;
    }
    at += length;
    return buffer;
  };
  const takeZeros = async (length: number, what: string): Promise<void> => {
    if ((await take(length, what)).some((byte) => byte !== 0))
      throw invalidArchive(`there is more than ${what}`);
  };
  return {
    read: async (name, maxBytes) => {
      const size = sizeInHeader(await take(BLOCK, name), name);
      if (size === undefined) throw invalidArchive(`the archive has something else where ${name} belongs`);
      if (size > maxBytes) throw invalidArchive(`${name} has ${size} bytes, more than ${maxBytes}`);
      const bytes = await take(size, name);
      await takeZeros(paddingOf(size), name);
      return bytes;
    },
    end: async () => {
      await takeZeros(2 * BLOCK, 'the end of the archive');
      if ((await file.stat()).size !== at) throw invalidArchive('there is more after the end of the archive');
    },
    close: () => file.close(),
  };
}

function openFolder(folder: string): ArchiveReader {
  return {
    read: async (name, maxBytes) => {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() !== true) throw invalidArchive(`the archive has no ${name}`);
      if (found.size > maxBytes)
        throw invalidArchive(`${name} has ${found.size} bytes, more than ${maxBytes}`);
      return readFile(path);
    },
    // What else lies in a folder is nobody's: it is never read.
    end: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function unreadable(path: string, cause: unknown): ArchiveError {
  return new ArchiveError('archive.unreadable', `${path} cannot be read`, 'check the path', cause);
}
