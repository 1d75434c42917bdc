import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256HexOfShort } from '@sheaf/bundle';
import { printable } from '@sheaf/workflow';
import { acceptedFiles, DAMAGED } from './accepted-store.js';
import { ClientError } from './errors.js';
import { factFiles, type FactStore } from './fact-store.js';
import { ensureDurableFolder } from './files.js';
import { readNewest, writeNext } from './generations.js';
import { encodeForgotten, encodePin, findForgottenIn, findPinIn, MAX_PIN_BYTES } from './pin-format.js';
import { addressesOf, pinOfOrigin } from './pin-of-origin.js';
import { assertLogIdentity, checkpointOf, keyChanged, PUBLIC_REALM, registryIdOf, type Pin } from './pin.js';
import type { AcceptedPublisher } from './policy/trust-policy.js';
import { pinLogKey } from './remedy.js';
import { guarded, unusable } from './trust-error.js';
import { leftOnAbort } from './trust-signals.js';
import type { TrustStore } from './trust-types.js';

export type { AdvanceOptions, TrustStore, VerifyingTrust } from './trust-types.js';

const MAX_ATTEMPTS = 100;
/** How exactly a pin tells when a log was last asked: not every use of a workflow writes to the disk. */
const CHECKED_WITHIN_MS = 60_000;

/** Opens a trust store, making its folder (0700) when it is missing. */
export async function openTrustStore(
  dir: string,
  nowMs: () => number = () => Date.now(),
): Promise<TrustStore> {
  await guarded(dir, () => ensureDurableFolder(dir));
  const folders = new Map<string, string>();
  const folderOf = (url: string): string => {
    const known = folders.get(url);
    if (known !== undefined) return known;
    const folder = join(dir, sha256HexOfShort(new TextEncoder().encode(url)).slice(0, 32));
    folders.set(url, folder);
    return folder;
  };
  const read = (url: string) =>
    guarded(dir, async () => {
      const found = await readPin(folderOf(url));
      if (found !== undefined && found.url !== url) throw unusable(folderOf(url), 'it is damaged');
      return found;
    });
  const getPinned = async (url: string) => {
    const { pin, generation = 0 } = (await read(url)) ?? {};
    if (pin === undefined) throw unpinned(url);
    return { pin, generation };
  };
  const write = (pin: Pin, generation: number) =>
    guarded(dir, () => writeNext(folderOf(pin.url), encodePin(pin), generation));
  const findPin = async (url: string) => (await read(url))?.pin;
  const listPins = () => guarded(dir, () => readAll(dir));
  const now = () => new Date(nowMs()).toISOString();
  const accepted = acceptedFiles(dir);
  const readable = (found: AcceptedPublisher | typeof DAMAGED | undefined) => {
    if (found === DAMAGED) throw unusable(join(dir, 'publishers'), 'an acceptance of a publisher is damaged');
    return found;
  };

  return leftOnAbort({
    findPin,
    async getPin(url) {
      const pin = await findPin(url);
      if (pin === undefined) throw unpinned(url);
      return pin;
    },
    listPins,
    findPinByOrigin: async (origin, choice) => pinOfOrigin(await listPins(), origin, choice),
    ...guardedFacts(dir),
    async pin({ url, origin, logKey }, { replace = false, shareOrigin = false } = {}) {
      assertLogIdentity({ origin, logKey });
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const { pin: current, generation = 0 } = (await read(url)) ?? {};
        if (current?.logKey === logKey && current.origin === origin) return current;
        if (current !== undefined && !replace) throw keyChanged(current, logKey);
        // Who has the name already keeps it under a new key.
        if (current?.origin !== origin && !shareOrigin) assertFree(await listPins(), { url, origin, logKey });
        const pin = { url, origin, logKey, pinnedAt: now(), realms: new Map(), namespaces: new Map() };
        if (await write(pin, generation + 1)) return pin;
      }
      throw unusable(dir, 'too many others write to it');
    },
    async unpin({ url, logKey }) {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const { pin, generation } = await getPinned(url);
        if (pin.logKey !== logKey) throw keyChanged(pin, logKey);
        const gone = encodeForgotten(url, now());
        if (await guarded(dir, () => writeNext(folderOf(url), gone, generation + 1))) return pin;
      }
      throw unusable(dir, 'too many others write to it');
    },
    async advance(seen, newNote, { realm = PUBLIC_REALM } = {}) {
      const { pin, generation } = await getPinned(seen.url);
      if (pin.logKey !== seen.logKey || checkpointOf(pin, realm) !== checkpointOf(seen, realm)) return false;
      const last = pin.realms.get(realm);
      if (last?.checkpoint === newNote && isRecent(last.checkedAt, nowMs())) return true;
      const realms = new Map(pin.realms).set(realm, { checkpoint: newNote, checkedAt: now() });
      return write({ ...pin, realms }, generation + 1);
    },
    async noteRealm(seen, namespace, realm) {
      const { pin, generation } = await getPinned(seen.url);
      if (pin.logKey !== seen.logKey) return false;
      const known = pin.namespaces.get(namespace);
      if (known !== undefined) return known === realm;
      const namespaces = new Map(pin.namespaces).set(namespace, realm);
      return write({ ...pin, namespaces }, generation + 1);
    },
    async forgetRealm(url, namespace) {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const current = await read(url);
        if (current?.pin?.namespaces.has(namespace) !== true) return false;
        const namespaces = new Map(current.pin.namespaces);
        namespaces.delete(namespace);
        if (await write({ ...current.pin, namespaces }, current.generation + 1)) return true;
      }
      throw unusable(dir, 'too many others write to it');
    },
    async findAccepted(registry, namespace) {
      const find = async (id: string) => readable(await guarded(dir, () => accepted.find(id, namespace)));
      const own = await find(registry);
      if (own !== undefined) return own;
      // Whom somebody accepted at one address of a registry is no stranger at another.
      const pins = await listPins();
      const pin = pins.find((each) => registryIdOf(each) === registry);
      for (const other of pin === undefined ? [] : addressesOf(pins, pin)) {
        const found = await find(registryIdOf(other));
        if (found !== undefined) return found;
      }
      return undefined;
    },
    listAccepted: async () =>
      (await guarded(dir, () => accepted.list())).flatMap((found) => readable(found) ?? []),
    accept: (publisher, { replace = false } = {}) =>
      guarded(dir, async () => {
        if (!replace) return accepted.create(publisher);
        await accepted.replace(publisher);
        return true;
      }),
    forget: (registry, namespace) => guarded(dir, () => accepted.remove(registry, namespace)),
  });
}

function guardedFacts(dir: string): FactStore {
  const facts = factFiles(join(dir, 'facts'));
  return {
    findFacts: (key) => guarded(dir, () => facts.findFacts(key)),
    keepFacts: (key, unite) => guarded(dir, () => facts.keepFacts(key, unite)),
  };
}

function assertFree(pins: readonly Pin[], claimed: Pick<Pin, 'url' | 'origin' | 'logKey'>): void {
  const { url, origin, logKey } = claimed;
  const other = pins.find((pin) => pin.url !== url && pin.origin === origin && pin.logKey !== logKey);
  if (other === undefined) return;
  throw new ClientError(
    'log.origin_taken',
    `${url} calls itself ${origin}, as ${other.url} does, which is pinned under another log key`,
    {
      hint: `pinned ${other.logKey}, shown ${printable(logKey, 300)}: one of them is not who it says; ask the operator of ${origin} another way which key is right`,
    },
  );
}

function isRecent(time: string, nowMs: number): boolean {
  const ageMs = nowMs - Date.parse(time);
  return ageMs >= 0 && ageMs < CHECKED_WITHIN_MS;
}

async function readAll(dir: string): Promise<readonly Pin[]> {
  const folders = (await readdir(dir)).filter((name) => /^[0-9a-f]{32}$/.test(name));
  const found = await Promise.all(folders.map((name) => readPin(join(dir, name))));
  return found.flatMap((each) => each?.pin ?? []).sort((a, b) => (a.url < b.url ? -1 : 1));
}

/** What lies in the folder of an address; without a pin, that was taken back. */
interface ReadPin {
  readonly generation: number;
  readonly url: string;
  readonly pin?: Pin;
}

async function readPin(folder: string): Promise<ReadPin | undefined> {
  const found = await readNewest(folder, MAX_PIN_BYTES);
  if (found === 'unreadable') throw unusable(folder, 'its newest entry cannot be read');
  if (found === undefined) return undefined;
  const { generation, bytes, path } = found;
  const pin = findPinIn(bytes);
  if (pin !== undefined) return { generation, url: pin.url, pin };
  const url = findForgottenIn(bytes);
  if (url === undefined) throw unusable(path, 'it is damaged');
  return { generation, url };
}

function unpinned(url: string): ClientError {
  const remedy = pinLogKey(url);
  return new ClientError('log.key_unpinned', `the log key of ${url} has not been accepted yet`, {
    hint: `compare it with what the operator publishes, then ${remedy.text}`,
    remedy,
  });
}
