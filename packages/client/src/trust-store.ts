import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { Check } from '@sinclair/typebox/value';
import { ClientError } from './errors.js';
import { findFile, isFileError, removeFile, syncFolder, writeDurably } from './files.js';
import { assertLogIdentity, keyChanged, type Pin } from './pin.js';
import { parseBounded } from './registry/json.js';

const MAX_PIN_BYTES = 128 * 1024;
const MAX_ATTEMPTS = 100;

const PinSchema = Type.Object(
  {
    v: Type.Literal(1),
    url: Type.String(),
    origin: Type.String(),
    logKey: Type.String(),
    pinnedAt: Type.String(),
    checkpoint: Type.Union([Type.String(), Type.Null()]),
  },
  { additionalProperties: false },
);

/**
 * Pins of registries on disk. Every change is a compare-and-swap that holds across processes and across a power cut.
 * Methods throw ClientError `trust.unusable` when the files cannot be read or written: a pin that cannot be read is
 * never taken for none.
 */
export interface TrustStore {
  findPin(url: string): Promise<Pin | undefined>;
  /** @throws ClientError `log.key_unpinned` */
  getPin(url: string): Promise<Pin>;
  /**
   * Pins a registry's log key; again with the same key changes nothing. Another key is refused unless `replace` is
   * given, which also forgets the checkpoint.
   *
   * @throws ClientError `log.key_changed`; BundleError when the key or its name is not valid
   */
  pin(
    pin: { readonly url: string; readonly origin: string; readonly logKey: string },
    options?: { readonly replace?: boolean },
  ): Promise<Pin>;
  /** Replaces the checkpoint of the pin as it was seen. False when it changed since: look again, verify, try again. */
  advance(seen: Pin, newNote: string): Promise<boolean>;
}

/** Opens a trust store, making its folder (0700) when it is missing. */
export async function openTrustStore(dir: string): Promise<TrustStore> {
  await guarded(dir, () => mkdir(dir, { recursive: true, mode: 0o700 }));
  const folderOf = (url: string) => join(dir, createHash('sha256').update(url).digest('hex').slice(0, 32));
  const read = (url: string) => guarded(dir, () => readNewest(folderOf(url), url));
  const write = (pin: Pin, generation: number) =>
    guarded(dir, () => writeNext(folderOf(pin.url), pin, generation));
  const findPin = async (url: string) => (await read(url))?.pin;

  return {
    findPin,
    async getPin(url) {
      const pin = await findPin(url);
      if (pin === undefined) throw unpinned(url);
      return pin;
    },
    async pin({ url, origin, logKey }, { replace = false } = {}) {
      assertLogIdentity({ origin, logKey });
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const current = await read(url);
        if (current?.pin.logKey === logKey && current.pin.origin === origin) return current.pin;
        if (current !== undefined && !replace) throw keyChanged(current.pin, logKey);
        const pin = { url, origin, logKey, pinnedAt: new Date().toISOString(), checkpoint: null };
        if (await write(pin, (current?.generation ?? 0) + 1)) return pin;
      }
      throw unusable(dir, 'too many others write to it');
    },
    async advance(seen, newNote) {
      const current = await read(seen.url);
      if (current === undefined) throw unpinned(seen.url);
      if (current.pin.checkpoint !== seen.checkpoint || current.pin.logKey !== seen.logKey) return false;
      return write({ ...current.pin, checkpoint: newNote }, current.generation + 1);
    },
  };
}

interface Generation {
  readonly generation: number;
  readonly pin: Pin;
}

/*
 * A pin is a folder of numbered files; the highest number counts. To change it is to create the next number with
 * link(2), which only one process can, so no lock is held and none can be left behind by a process that dies.
 * The highest file is never removed; that is what makes the check after the link sound.
 */

async function readNewest(folder: string, url: string): Promise<Generation | undefined> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const generation = (await listGenerations(folder)).at(-1);
    if (generation === undefined) return undefined;
    const path = join(folder, fileName(generation));
    const bytes = await findFile(path, MAX_PIN_BYTES);
    if (bytes !== undefined) return { generation, pin: parsePin(bytes, url, path) };
    // A newer one came and took it away, or it is no file at all: then the next look shows the same again.
  }
  throw unusable(folder, 'its newest entry cannot be read');
}

async function writeNext(folder: string, pin: Pin, generation: number): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.tmp-${randomBytes(12).toString('hex')}`);
  const target = join(folder, fileName(generation));
  try {
    await writeDurably(temporary, Buffer.from(`${JSON.stringify({ v: 1, ...pin }, null, 2)}\n`));
    await link(temporary, target);
  } catch (error) {
    if (isFileError(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await removeFile(temporary);
  }
  const generations = await listGenerations(folder);
  if ((generations.at(-1) ?? 0) > generation) {
    // The number was free only because it had been taken and cleared away already.
    await removeFile(target);
    return false;
  }
  await syncFolder(folder);
  for (const old of generations) if (old < generation) await removeFile(join(folder, fileName(old)));
  return true;
}

async function listGenerations(folder: string): Promise<readonly number[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /^\d{12}\.json$/.test(name));
    return names.map((name) => Number(name.slice(0, 12))).sort((a, b) => a - b);
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return [];
    throw error;
  }
}

function fileName(generation: number): string {
  return `${String(generation).padStart(12, '0')}.json`;
}

function parsePin(bytes: Uint8Array, url: string, path: string): Pin {
  const value = parseBounded(bytes);
  if (!Check(PinSchema, value) || value.url !== url) throw unusable(path, 'it is damaged');
  const { origin, logKey, pinnedAt, checkpoint } = value;
  return { url, origin, logKey, pinnedAt, checkpoint };
}

function unpinned(url: string): ClientError {
  return new ClientError('log.key_unpinned', `the log key of ${url} has not been accepted yet`, {
    hint: `compare it with what the operator publishes, then run sheaf login ${url} --log-key KEY`,
  });
}

function unusable(path: string, reason: string, cause?: unknown): ClientError {
  return new ClientError('trust.unusable', `the trust store ${path} cannot be used: ${reason}`, {
    hint: 'check its owner, its rights and the free space; if it is damaged, restore it from a copy or sign in to the registry again after removing it',
    cause,
  });
}

async function guarded<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFileError(error, 'EACCES', 'EPERM', 'ENOSPC', 'EROFS', 'ENOTDIR', 'ENOTSUP', 'EDQUOT', 'EIO'))
      throw error;
    throw unusable(dir, (error as Error).message.split(':')[0] ?? '', error);
  }
}
