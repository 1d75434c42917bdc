import { randomBytes } from 'node:crypto';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { findFile, isFileError, removeAnything } from '../files.js';
import { MAX_BLOB_BYTES } from '../limits.js';

/*
 * What has arrived of a bundle lies in a file that begins with the entity tag of the answer it is a part of. Each download
 * writes a file of its own, so that two that know nothing of each other never mix; the longest is what the next begins
 * with. Nothing of it is trusted: the whole is hashed.
 */

/** Less is not worth a file. */
const MIN_KEPT_BYTES = 256 * 1024;
const MAX_TAG_LENGTH = 256;
const MAX_AGE_MS = 7 * 24 * 3600_000;
const MAX_FILES = 8;
const PART = /^[0-9a-f]{64}\.part\.[0-9a-f]{16}$/;

/** What an earlier attempt received, and where this one keeps what arrives. */
export interface KeptPart {
  readonly received: Uint8Array;
  /** A strong entity tag (RFC 9110 §8.8.3) that the received bytes belong to. */
  readonly tag: string | undefined;
  /** Bytes of an answer with this tag follow, behind so many that are kept already. */
  begin(tag: string | undefined, keptBytes: number): Promise<void>;
  /** The next bytes, behind all that came since {@link KeptPart.begin}. */
  append(chunk: Uint8Array): Promise<void>;
}

/** Opens what is kept of the bundle with this name in hex; whoever opens it has the lease, or may not care. */
export async function openPart(
  folder: string,
  hex: string,
  sizeBytes: number,
): Promise<KeptPart & { close(options: { readonly keep: boolean }): Promise<void> }> {
  const earlier = await listParts(folder, hex);
  const best = await readLongest(folder, earlier, sizeBytes);
  let received = best?.bytes ?? new Uint8Array();
  let path: string | undefined;
  let file: FileHandle | undefined;
  let isBroken = sizeBytes < MIN_KEPT_BYTES;
  /** A disk that is full ends no download: the bytes are in memory. */
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    if (isBroken) return;
    try {
      await work();
    } catch {
      isBroken = true;
    }
  };
  const stop = async (): Promise<void> => {
    await file?.close().catch(() => undefined);
    file = undefined;
  };
  return {
    received,
    tag: best?.tag,
    begin: (tag, keptBytes) =>
      attempt(async () => {
        if (file !== undefined && keptBytes > 0) return;
        await stop();
        if (path !== undefined) await removeAnything(path);
        if (tag === undefined || tag.length > MAX_TAG_LENGTH) return;
        path = join(folder, `${hex}.part.${randomBytes(8).toString('hex')}`);
        file = await open(path, 'wx', 0o600);
        await file.writeFile(`${tag}\n`);
        await file.writeFile(received.subarray(0, keptBytes));
        received = new Uint8Array();
      }),
    append: (chunk) => attempt(async () => file?.writeFile(chunk)),
    async close({ keep }) {
      await stop();
      const mine = path === undefined ? [] : [path];
      const others = earlier.map((name) => join(folder, name));
      // Where nothing new was begun, what was there is still the best there is.
      const gone = keep ? (path === undefined ? [] : others) : [...mine, ...others];
      await Promise.all(gone.map(removeAnything));
    },
  };
}

/** Removes what is too old to be gone on with, and the oldest of too many. */
export async function prunePartials(folder: string, nowMs: number): Promise<void> {
  const found = await Promise.all(
    (await listParts(folder)).map(async (name) => {
      const path = join(folder, name);
      return { path, mtimeMs: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  found.sort((a, b) => b.mtimeMs - a.mtimeMs);
  const gone = found.filter(({ mtimeMs }, i) => i >= MAX_FILES || nowMs - mtimeMs > MAX_AGE_MS);
  await Promise.all(gone.map(({ path }) => removeAnything(path)));
}

async function listParts(folder: string, hex?: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter(
      (name) => PART.test(name) && (hex === undefined || name.startsWith(`${hex}.`)),
    );
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

interface Part {
  readonly tag: string;
  readonly bytes: Uint8Array;
}

async function readLongest(
  folder: string,
  names: readonly string[],
  sizeBytes: number,
): Promise<Part | undefined> {
  let longest: Part | undefined;
  for (const name of names) {
    const file = await findFile(join(folder, name), MAX_BLOB_BYTES + MAX_TAG_LENGTH + 1);
    const part = file === undefined ? undefined : readPart(file);
    if (part === undefined || part.bytes.length > sizeBytes) continue;
    if (part.bytes.length > (longest?.bytes.length ?? 0)) longest = part;
  }
  return longest;
}

function readPart(file: Uint8Array): Part | undefined {
  const end = file.subarray(0, MAX_TAG_LENGTH + 1).indexOf(0x0a);
  if (end === -1) return undefined;
  const tag = Buffer.from(file.subarray(0, end)).toString('latin1');
  return /^"[\x21\x23-\x7e]*"$/.test(tag) ? { tag, bytes: file.subarray(end + 1) } : undefined;
}
