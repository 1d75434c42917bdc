import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseDigest, parseReceipt, type Digest, type Receipt } from '@sheaf/bundle';
import { parseVersion, parseWorkflowId, type Version } from '@sheaf/workflow';
import { assertGoesOn } from '../cancelled.js';
import { findFile, isFileError } from '../files.js';
import { MAX_RECEIPT_BYTES } from '../limits.js';
import {
  blobPath,
  blobsFolder,
  partialFolder,
  receiptPath,
  receiptsFolder,
  type ReceiptKey,
} from './layout.js';

/** A file of the cache, as it lies there: nothing of it is believed. */
export interface CacheFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** When it was used last, to the second; milliseconds since 1970. */
  readonly usedMs: number;
}

export interface BlobFile extends CacheFile {
  readonly digest: Digest;
}

export interface ReceiptFile extends CacheFile {
  readonly key: ReceiptKey;
  readonly receipt: Receipt | 'corrupt';
}

/** What files hold together, in bytes. */
export function sumSizes(files: readonly { readonly sizeBytes: number }[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** All bundles, one after the other. */
export async function* walkBlobs(dir: string, signal?: AbortSignal): AsyncGenerator<BlobFile> {
  const root = blobsFolder(dir);
  for (const folder of await listIn(dir, root, 'folder'))
    for (const name of await list(join(root, folder), 'file')) {
      const [, hex] = /^([0-9a-f]{64})\.tar\.gz$/.exec(name) ?? [];
      if (hex === undefined) continue;
      const digest = parseDigest(`sha256:${hex}`);
      assertGoesOn(signal);
      const path = join(root, folder, name);
      if (path !== blobPath(dir, digest)) continue;
      const file = await look(path);
      if (file !== undefined) yield { ...file, digest };
    }
}

/** All receipts, one after the other. */
export async function* walkReceipts(dir: string, signal?: AbortSignal): AsyncGenerator<ReceiptFile> {
  for await (const { registry, id, name } of walkReceiptFolders(dir, signal)) {
    const key = findKey(registry, id, name);
    if (key === undefined) continue;
    const path = receiptPath(dir, key);
    const receipt = await readReceipt(path);
    // Looked at afterwards: what another process has removed meanwhile is not corrupt.
    const found = await look(path);
    if (found !== undefined) yield { ...found, key, receipt };
  }
}

/** What downloads, writes and earlier versions of this program have left behind, and what they are at. */
export async function* walkLeftovers(dir: string, signal?: AbortSignal): AsyncGenerator<CacheFile> {
  for await (const path of walkLeftoverPaths(dir, signal)) {
    assertGoesOn(signal);
    const file = await look(path);
    if (file !== undefined) yield file;
  }
}

async function* walkLeftoverPaths(dir: string, signal?: AbortSignal): AsyncGenerator<string> {
  const partial = partialFolder(dir);
  for (const name of await listIn(dir, partial, 'file')) yield join(partial, name);
  const root = blobsFolder(dir);
  for (const folder of await listIn(dir, root, 'folder'))
    for (const name of await list(join(root, folder), 'file'))
      if (isTemporary(name)) yield join(root, folder, name);
  for await (const { folder, name } of walkReceiptFolders(dir, signal))
    if (isTemporary(name) || name.endsWith('.standings')) yield join(folder, name);
}

function isTemporary(name: string): boolean {
  return name.startsWith('.tmp-');
}

/** All files where receipts are. */
async function* walkReceiptFolders(dir: string, signal?: AbortSignal) {
  const root = receiptsFolder(dir);
  for (const registry of await listIn(dir, root, 'folder'))
    for (const namespace of await list(join(root, registry), 'folder'))
      for (const workflow of await list(join(root, registry, namespace), 'folder')) {
        const folder = join(root, registry, namespace, workflow);
        for (const name of await list(folder, 'file')) {
          assertGoesOn(signal);
          yield { folder, registry, id: `${namespace}/${workflow}`, name };
        }
      }
}

/** Registries are kept under a name that any folder name is for itself: what was encoded stays so. */
function findKey(registry: string, id: string, file: string): ReceiptKey | undefined {
  const version = /^(.+)\.json$/.exec(file)?.[1];
  if (version === undefined || registry.includes('_')) return undefined;
  try {
    const parsed: Version = parseVersion(version);
    return { registry, id: parseWorkflowId(id), version: parsed };
  } catch {
    return undefined;
  }
}

async function readReceipt(path: string): Promise<Receipt | 'corrupt'> {
  const bytes = await findFile(path, MAX_RECEIPT_BYTES);
  if (bytes === undefined) return 'corrupt';
  try {
    return parseReceipt(bytes);
  } catch {
    return 'corrupt';
  }
}

/** Undefined for what another process has removed meanwhile. */
export async function look(path: string): Promise<CacheFile | undefined> {
  try {
    const { size, mtimeMs } = await lstat(path);
    return { path, sizeBytes: size, usedMs: mtimeMs };
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** As {@link list}, and nothing behind a link: what lies there is not the cache's to list, and then to remove. */
async function listIn(dir: string, folder: string, kind: 'file' | 'folder'): Promise<readonly string[]> {
  for (let each = folder; each.length > dir.length; each = dirname(each)) if (await isLink(each)) return [];
  return list(folder, kind);
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

async function list(folder: string, kind: 'file' | 'folder'): Promise<readonly string[]> {
  let entries: readonly Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
  return entries
    .filter((entry) => (kind === 'folder' ? entry.isDirectory() : !entry.isDirectory()))
    .map(({ name }) => name)
    .sort();
}
