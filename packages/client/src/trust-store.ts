import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { acceptedFiles, DAMAGED } from './accepted-store.js';
import { ClientError } from './errors.js';
import { findFile, isFileError, removeFile, syncFolder, writeDurably } from './files.js';
import { encodePin, findPinIn, MAX_PIN_BYTES } from './pin-format.js';
import { assertLogIdentity, checkpointOf, keyChanged, PUBLIC_REALM, type Pin } from './pin.js';
import type { AcceptedPublisher } from './policy/trust-policy.js';

const MAX_ATTEMPTS = 100;
/** How exactly a pin tells when a log was last asked: not every use of a workflow writes to the disk. */
const CHECKED_WITHIN_MS = 60_000;

/** What an advance says beside the new checkpoint. */
export interface AdvanceOptions {
  /** Of which log; `public` unless given. */
  readonly realm?: string;
  /** A namespace that was seen in this log. */
  readonly namespace?: string | undefined;
}

/**
 * Pins of registries and acceptances of publishers on disk. Every change of a pin is a compare-and-swap that holds
 * across processes and across a power cut. Methods throw ClientError `trust.unusable` when the files cannot be read or
 * written: what cannot be read is never taken for nothing.
 */
export interface TrustStore {
  findPin(url: string): Promise<Pin | undefined>;
  /** @throws ClientError `log.key_unpinned` */
  getPin(url: string): Promise<Pin>;
  /** All pins, by address. */
  listPins(): Promise<readonly Pin[]>;
  /** The pin of the registry that calls itself so; undefined when none does, or more than one. */
  findPinByOrigin(origin: string): Promise<Pin | undefined>;
  /**
   * Pins a registry's log key; again with the same key changes nothing. Another key is refused unless `replace` is
   * given, which also forgets the checkpoints.
   *
   * @throws ClientError `log.key_changed`; BundleError when the key or its name is not valid
   */
  pin(
    pin: { readonly url: string; readonly origin: string; readonly logKey: string },
    options?: { readonly replace?: boolean },
  ): Promise<Pin>;
  /**
   * Replaces a log's checkpoint in the pin as it was seen, and notes to the minute that the log was asked now. False
   * when the pin changed since: look again, verify, try again.
   */
  advance(seen: Pin, newNote: string, options?: AdvanceOptions): Promise<boolean>;
  /** What was accepted of a publisher at its first use; `registry` as `registryIdOf` names it. */
  findAccepted(registry: string, namespace: string): Promise<AcceptedPublisher | undefined>;
  /** All acceptances, in no order. */
  listAccepted(): Promise<readonly AcceptedPublisher[]>;
  /** Keeps an acceptance. False, and nothing is changed, when there is one already, unless `replace` is given. */
  accept(accepted: AcceptedPublisher, options?: { readonly replace?: boolean }): Promise<boolean>;
  /** Forgets what was accepted of a publisher: its next use is a first one. False when there was nothing. */
  forget(registry: string, namespace: string): Promise<boolean>;
}

/** Opens a trust store, making its folder (0700) when it is missing. */
export async function openTrustStore(
  dir: string,
  nowMs: () => number = () => Date.now(),
): Promise<TrustStore> {
  await guarded(dir, () => mkdir(dir, { recursive: true, mode: 0o700 }));
  const folderOf = (url: string) => join(dir, createHash('sha256').update(url).digest('hex').slice(0, 32));
  const read = (url: string) =>
    guarded(dir, async () => {
      const found = await readNewest(folderOf(url));
      if (found !== undefined && found.pin.url !== url) throw unusable(folderOf(url), 'it is damaged');
      return found;
    });
  const write = (pin: Pin, generation: number) =>
    guarded(dir, () => writeNext(folderOf(pin.url), pin, generation));
  const findPin = async (url: string) => (await read(url))?.pin;
  const listPins = () => guarded(dir, () => readAll(dir));
  const now = () => new Date(nowMs()).toISOString();
  const accepted = acceptedFiles(dir);
  const readable = (found: AcceptedPublisher | typeof DAMAGED | undefined) => {
    if (found === DAMAGED) throw unusable(join(dir, 'publishers'), 'an acceptance of a publisher is damaged');
    return found;
  };

  return {
    findPin,
    async getPin(url) {
      const pin = await findPin(url);
      if (pin === undefined) throw unpinned(url);
      return pin;
    },
    listPins,
    async findPinByOrigin(origin) {
      const found = (await listPins()).filter((pin) => pin.origin === origin);
      return found.length === 1 ? found[0] : undefined;
    },
    async pin({ url, origin, logKey }, { replace = false } = {}) {
      assertLogIdentity({ origin, logKey });
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const current = await read(url);
        if (current?.pin.logKey === logKey && current.pin.origin === origin) return current.pin;
        if (current !== undefined && !replace) throw keyChanged(current.pin, logKey);
        const pin = { url, origin, logKey, pinnedAt: now(), realms: new Map(), namespaces: new Map() };
        if (await write(pin, (current?.generation ?? 0) + 1)) return pin;
      }
      throw unusable(dir, 'too many others write to it');
    },
    async advance(seen, newNote, { realm = PUBLIC_REALM, namespace } = {}) {
      const current = await read(seen.url);
      if (current === undefined) throw unpinned(seen.url);
      const { pin } = current;
      if (pin.logKey !== seen.logKey || checkpointOf(pin, realm) !== checkpointOf(seen, realm)) return false;
      const known = namespace === undefined ? undefined : pin.namespaces.get(namespace);
      if (known !== undefined && known !== realm) return false;
      const last = pin.realms.get(realm);
      const isNoted = namespace === undefined || known === realm;
      if (last?.checkpoint === newNote && isNoted && isRecent(last.checkedAt, nowMs())) return true;
      const realms = new Map(pin.realms).set(realm, { checkpoint: newNote, checkedAt: now() });
      const namespaces = new Map(pin.namespaces);
      if (namespace !== undefined) namespaces.set(namespace, realm);
      return write({ ...pin, realms, namespaces }, current.generation + 1);
    },
    findAccepted: async (registry, namespace) =>
      readable(await guarded(dir, () => accepted.find(registry, namespace))),
    listAccepted: async () =>
      (await guarded(dir, () => accepted.list())).flatMap((found) => readable(found) ?? []),
    accept: (publisher, { replace = false } = {}) =>
      guarded(dir, async () => {
        if (!replace) return accepted.create(publisher);
        await accepted.replace(publisher);
        return true;
      }),
    forget: (registry, namespace) => guarded(dir, () => accepted.remove(registry, namespace)),
  };
}

function isRecent(time: string, nowMs: number): boolean {
  const ageMs = nowMs - Date.parse(time);
  return ageMs >= 0 && ageMs < CHECKED_WITHIN_MS;
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

async function readAll(dir: string): Promise<readonly Pin[]> {
  const folders = (await readdir(dir)).filter((name) => /^[0-9a-f]{32}$/.test(name));
  const found = await Promise.all(folders.map((name) => readNewest(join(dir, name))));
  return found
    .flatMap((each) => (each === undefined ? [] : [each.pin]))
    .sort((a, b) => (a.url < b.url ? -1 : 1));
}

async function readNewest(folder: string): Promise<Generation | undefined> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const generation = (await listGenerations(folder)).at(-1);
    if (generation === undefined) return undefined;
    const path = join(folder, fileName(generation));
    const bytes = await findFile(path, MAX_PIN_BYTES);
    if (bytes !== undefined) return { generation, pin: parsePin(bytes, path) };
    // A newer one came and took it away, or it is no file at all: then the next look shows the same again.
  }
  throw unusable(folder, 'its newest entry cannot be read');
}

async function writeNext(folder: string, pin: Pin, generation: number): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.tmp-${randomBytes(12).toString('hex')}`);
  const target = join(folder, fileName(generation));
  try {
    await writeDurably(temporary, encodePin(pin));
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

function parsePin(bytes: Uint8Array, path: string): Pin {
  const pin = findPinIn(bytes);
  if (pin === undefined) throw unusable(path, 'it is damaged');
  return pin;
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
