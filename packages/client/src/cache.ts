import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import {
  encodeReceipt,
  hexOfDigest,
  parseReceipt,
  parseStanding,
  type Digest,
  type Receipt,
  type Standing,
} from '@sheaf/bundle';
import { parseVersion, type Version, type WorkflowId } from '@sheaf/workflow';
import {
  blobPath,
  partialFolder,
  receiptPath,
  standingsPath,
  workflowPath,
  type ReceiptKey,
} from './cache/layout.js';
import { claimBlob, type BlobClaim } from './downloads/claim.js';
import { ClientError } from './errors.js';
import { findFile, isFileError, removeAnything, replaceFile } from './files.js';
import { MAX_BLOB_BYTES, MAX_RECEIPT_BYTES, MAX_STANDING_BYTES } from './limits.js';

const MAX_STANDINGS = 16;
/** When something was used last is what `sheaf cache clean` goes by. */
const USED = { touch: true } as const;

/**
 * Compressed bundles by the digest of the blob itself, so that nobody's bytes stand in the way of another's, and
 * receipts, on disk. Safe for any number of processes: entries appear whole and never change. What comes out is as untrusted as what comes from a network: only `verifyWorkflow` says that it is good.
 */
export interface Cache {
  readonly dir: string;
  /** Undefined when it is not here. At most 33 MiB; noted as used now. */
  findBlob(digest: Digest): Promise<Uint8Array | undefined>;
  /** Keeps bytes under a digest that the caller has verified; when this returns they are on the disk. */
  putBlob(digest: Digest, blob: Uint8Array): Promise<void>;
  /** Does nothing when there is none. */
  dropBlob(digest: Digest): Promise<void>;
  /**
   * Waits for a blob that another process downloads, or gives the right to download it while others wait. The right ends
   * with its holder, so nobody waits for a process that is gone.
   *
   * @throws ClientError `operation.cancelled`
   */
  claimBlob(digest: Digest, options: ClaimOptions): Promise<BlobClaim>;
  /** `corrupt` when what lies there is not a receipt. */
  findReceipt(key: ReceiptKey): Promise<Receipt | 'corrupt' | undefined>;
  /** Keeps a receipt that the caller has verified, in the place of the one before. */
  putReceipt(key: ReceiptKey, receipt: Receipt): Promise<void>;
  /** Does nothing when there is none. */
  dropReceipt(key: ReceiptKey): Promise<void>;
  /**
   * What an earlier version of this program kept of a release beyond its receipt; the trust store keeps it now. Empty
   * also when what lies there is damaged.
   */
  findStandings(key: ReceiptKey): Promise<readonly Standing[]>;
  /** Versions of a workflow whose receipts are here, in no order. */
  listVersions(registry: string, id: WorkflowId): Promise<readonly Version[]>;
}

/** How long a claim may take, and whom to tell. */
export interface ClaimOptions {
  readonly sizeBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Another process has the right: it is waited for. */
  readonly onWait?: (() => void) | undefined;
}

/**
 * Opens a cache, making its folder (0700) when it is missing.
 *
 * @throws ClientError `cache.unusable` when the folder cannot be made or used
 */
export async function openCache(dir: string): Promise<Cache> {
  await guarded(dir, () => mkdir(dir, { recursive: true, mode: 0o700 }));
  const findBlob = (digest: Digest) =>
    guarded(dir, () => findFile(blobPath(dir, digest), MAX_BLOB_BYTES, USED));

  return {
    dir,
    findBlob,
    putBlob: (digest, blob) => guarded(dir, () => put(blobPath(dir, digest), blob)),
    dropBlob: (digest) => guarded(dir, () => removeAnything(blobPath(dir, digest))),
    claimBlob: (digest, options) =>
      guarded(dir, () =>
        claimBlob({
          folder: partialFolder(dir),
          hex: hexOfDigest(digest),
          find: () => findBlob(digest),
          ...options,
        }),
      ),
    async findReceipt(key) {
      const bytes = await guarded(dir, () => findFile(receiptPath(dir, key), MAX_RECEIPT_BYTES, USED));
      return bytes === undefined ? undefined : readReceipt(bytes);
    },
    putReceipt: (key, receipt) => guarded(dir, () => put(receiptPath(dir, key), encodeReceipt(receipt))),
    dropReceipt: (key) => guarded(dir, () => removeAnything(receiptPath(dir, key))),
    async findStandings(key) {
      const bytes = await guarded(dir, () =>
        findFile(standingsPath(dir, key), MAX_STANDINGS * (MAX_STANDING_BYTES + 1)),
      );
      return bytes === undefined ? [] : readStandings(bytes);
    },
    listVersions: (registry, id) => guarded(dir, () => listVersions(workflowPath(dir, registry, id))),
  };
}

/** Puts a file in the place of whatever lies there: a cache may have been brought from somewhere else. */
async function put(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await replaceFile(path, bytes, temporaryName);
  } catch (error) {
    if (!isFileError(error, 'EISDIR', 'ENOTEMPTY', 'EEXIST')) throw error;
    await removeAnything(path);
    await replaceFile(path, bytes, temporaryName);
  }
}

function temporaryName(): string {
  return `.tmp-${randomBytes(12).toString('hex')}`;
}

function readReceipt(bytes: Uint8Array): Receipt | 'corrupt' {
  try {
    return parseReceipt(bytes);
  } catch {
    return 'corrupt';
  }
}

/** One canonical document a line; what is none is passed over, and the others count all the same. */
function readStandings(bytes: Uint8Array): readonly Standing[] {
  const found: Standing[] = [];
  for (let from = 0; from < bytes.length && found.length < MAX_STANDINGS;) {
    const at = bytes.indexOf(0x0a, from);
    const end = at === -1 ? bytes.length : at;
    const standing = findStanding(bytes.subarray(from, end));
    if (standing !== undefined) found.push(standing);
    from = end + 1;
  }
  return found;
}

function findStanding(line: Uint8Array): Standing | undefined {
  try {
    return parseStanding(line);
  } catch {
    return undefined;
  }
}

async function listVersions(folder: string): Promise<readonly Version[]> {
  try {
    return (await readdir(folder)).flatMap(findVersion);
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

function findVersion(fileName: string): Version[] {
  if (!fileName.endsWith('.json')) return [];
  try {
    return [parseVersion(fileName.slice(0, -'.json'.length))];
  } catch {
    return [];
  }
}

async function guarded<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (
      !isFileError(
        cause,
        'EACCES',
        'EPERM',
        'ENOSPC',
        'EROFS',
        'ENOTDIR',
        'EEXIST',
        'EDQUOT',
        'EIO',
        'ENAMETOOLONG',
      )
    )
      throw cause;
    const reason = (cause as Error).message.split(':')[0] ?? '';
    throw new ClientError('cache.unusable', `the cache in ${dir} cannot be used: ${reason}`, {
      hint: 'check its owner, its rights and the free space, or set XDG_CACHE_HOME',
      cause,
    });
  }
}
