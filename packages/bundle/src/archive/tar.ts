import { platform } from '#platform';
import { BundleError } from '../error.js';
import { BLOCK_BYTES, writeHeader } from './header.js';
import { type ArchiveLimits, DEFAULT_LIMITS } from './limits.js';
import { checkPath, compareUtf8, showPath } from './path.js';
import { checkTree } from './tree.js';

/** One regular file of an archive. */
export interface ArchiveFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

const TRAILER_BYTES = 2 * BLOCK_BYTES;
const MODE_FILE = 0o644;
const MODE_EXECUTABLE = 0o755;

/**
 * Packs files as `sheaf-tar-v1`: one tree of files has exactly one encoding, the same on every machine.
 *
 * @param files in any order
 * @throws BundleError a code of `path.…`, or `archive.duplicate`, `archive.too_large`, `archive.too_many_files`,
 *   `archive.file_too_large`
 */
export function packTar(files: readonly ArchiveFile[], limits: ArchiveLimits = DEFAULT_LIMITS): Uint8Array {
  if (files.length > limits.files) refuseCount(limits);
  const sorted = [...files].sort((a, b) => compareUtf8(a.path, b.path));
  let length = TRAILER_BYTES;
  let previous: string | undefined;
  for (const { path, bytes } of sorted) {
    checkPath(path);
    if (path === previous) throw new BundleError('archive.duplicate', `${showPath(path)} is given twice`);
    if (bytes.length > limits.fileBytes) refuseFile(path, bytes.length, limits);
    length += BLOCK_BYTES + paddedSize(bytes.length);
    previous = path;
  }
  checkTree(sorted.map(({ path }) => path));
  if (length > limits.tarBytes) refuseSize(length, limits);

  const tar = new Uint8Array(length);
  let at = 0;
  for (const { path, bytes, executable } of sorted) {
    writeHeader(tar.subarray(at, at + BLOCK_BYTES), path, bytes.length, executable);
    tar.set(bytes, at + BLOCK_BYTES);
    at += BLOCK_BYTES + paddedSize(bytes.length);
  }
  return tar;
}

/**
 * Reads a `sheaf-tar-v1` archive. Each header is decoded, encoded again and compared: whatever is not the one
 * canonical encoding is refused, so no two tar readers can see two different trees in it.
 *
 * @returns the files in archive order; their bytes are views of `tar`, not copies
 * @throws BundleError a code of `archive.…` or `path.…`
 */
export function readTar(tar: Uint8Array, limits: ArchiveLimits = DEFAULT_LIMITS): readonly ArchiveFile[] {
  if (tar.length > limits.tarBytes) refuseSize(tar.length, limits);
  if (tar.length < TRAILER_BYTES || tar.length % BLOCK_BYTES !== 0) {
    throw new BundleError(
      'archive.truncated',
      'the archive does not end on a block of 512 bytes after its trailer',
    );
  }
  const files: ArchiveFile[] = [];
  const rebuilt = new Uint8Array(BLOCK_BYTES);
  let at = 0;
  while (tar[at] !== 0 || !isZero(tar, at, at + BLOCK_BYTES)) {
    if (files.length === limits.files) refuseCount(limits);
    const block = tar.subarray(at, at + BLOCK_BYTES);
    const claim = readClaim(block, rebuilt, limits);
    const start = at + BLOCK_BYTES;
    const end = start + claim.sizeBytes;
    const next = start + paddedSize(claim.sizeBytes);
    // At least the trailer must follow, so this also keeps the next header inside the buffer.
    if (next > tar.length - TRAILER_BYTES) {
      throw new BundleError('archive.truncated', `the archive ends before ${showPath(claim.path)} does`);
    }
    checkOrder(files.at(-1)?.path, claim.path);
    if (!isZero(tar, end, next)) {
      throw new BundleError('archive.padding', `the padding after ${showPath(claim.path)} is not zero`);
    }
    files.push({ path: claim.path, bytes: tar.subarray(start, end), executable: claim.executable });
    at = next;
  }
  if (tar.length - at !== TRAILER_BYTES || !isZero(tar, at, tar.length)) {
    throw new BundleError('archive.trailer', 'the archive does not end with exactly 1024 zero bytes');
  }
  checkTree(files.map(({ path }) => path));
  return files;
}

interface HeaderClaim {
  readonly path: string;
  readonly sizeBytes: number;
  readonly executable: boolean;
}

/** Decodes a header and holds the answer against the one encoding it may have. `rebuilt` is scratch space. */
function readClaim(block: Uint8Array, rebuilt: Uint8Array, limits: ArchiveLimits): HeaderClaim {
  if (block[156] !== 0x30) {
    throw new BundleError(
      'archive.type',
      `an entry is not a regular file (type flag 0x${(block[156] ?? 0).toString(16)})`,
      {
        hint: 'pack files only: no folders, links, devices or extended headers',
      },
    );
  }
  const { path, mode, sizeBytes } = platform.readTarHeader(block);
  if (sizeBytes === undefined || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) refuseHeader(path);
  if (mode !== MODE_FILE && mode !== MODE_EXECUTABLE) refuseHeader(path);
  checkPath(path);
  const executable = mode === MODE_EXECUTABLE;
  writeHeader(rebuilt, path, sizeBytes, executable);
  for (let i = 0; i < BLOCK_BYTES; i++) if (block[i] !== rebuilt[i]) refuseHeader(path);
  if (sizeBytes > limits.fileBytes) refuseFile(path, sizeBytes, limits);
  return { path, sizeBytes, executable };
}

function checkOrder(previous: string | undefined, path: string): void {
  if (previous === undefined) return;
  const order = compareUtf8(previous, path);
  if (order === 0)
    throw new BundleError('archive.duplicate', `${showPath(path)} stands in the archive twice`);
  if (order > 0) {
    throw new BundleError(
      'archive.order',
      `${showPath(path)} does not stand in the order of its utf-8 bytes`,
    );
  }
}

function paddedSize(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}

function refuseHeader(path: string): never {
  throw new BundleError('archive.header', `the header of ${showPath(path)} is not its canonical encoding`, {
    hint: 'pack with sheaf pack, or with the tar command that docs/FORMAT.md gives',
  });
}

function refuseCount(limits: ArchiveLimits): never {
  throw new BundleError('archive.too_many_files', `the archive has more than ${limits.files} files`);
}

function refuseFile(path: string, sizeBytes: number, limits: ArchiveLimits): never {
  throw new BundleError(
    'archive.file_too_large',
    `${showPath(path)} has ${sizeBytes} bytes, the limit is ${limits.fileBytes}`,
  );
}

function refuseSize(sizeBytes: number, limits: ArchiveLimits): never {
  throw new BundleError(
    'archive.too_large',
    `the archive has ${sizeBytes} bytes, the limit is ${limits.tarBytes}`,
    {
      hint: 'leave large files out of the bundle with [bundle] include',
    },
  );
}
