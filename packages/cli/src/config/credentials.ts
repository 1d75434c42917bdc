import { join } from 'node:path';
import { CliError } from '../frame/errors.js';
import { KeyringError, openKeyring, type Keyring, type KeyringKind } from '../keys/keyring.js';
import { printable } from '../terminal/escape.js';
import {
  parseCredential,
  parseCredentials,
  placeKey,
  renderCredential,
  renderCredentials,
  type Credential,
  type CredentialPlace,
  type StoredEntry,
} from './credential-format.js';
import { readPrivateFile, withFileLock, writePrivateFile } from './private-files.js';

/**
 * What was stored to sign in to registries, by their URL and the accounts there: in the keyring of the system where
 * there is one, else in a file that only its owner may read. The file says which.
 */
export interface Credentials {
  readonly path: string;
  /** All that is stored, without the secrets. @throws CliError `config.invalid` */
  list(): Promise<readonly StoredAccount[]>;
  /** @throws CliError `config.invalid`, `auth.keyring` */
  find(place: CredentialPlace): Promise<Credential | undefined>;
  /**
   * Stores in the place of what was there; why the keyring was not used is told.
   *
   * @param user whom the registry takes it for
   * @returns where it lies
   */
  store(place: CredentialPlace, credential: Credential, user?: string): Promise<'keyring' | 'file'>;
  /**
   * Finds, changes and stores while no other process does: `change` sees what is stored now.
   *
   * @returns what is stored afterwards
   */
  update(
    place: CredentialPlace,
    change: (now: Credential | undefined) => Promise<Credential | undefined>,
    options?: UpdateOptions,
  ): Promise<Credential | undefined>;
  /** @returns whether there was one */
  forget(place: CredentialPlace): Promise<boolean>;
}

/** An account that is signed in, as far as it may be shown. */
export interface StoredAccount extends CredentialPlace {
  readonly in: 'keyring' | 'file';
  readonly user: string | undefined;
  /** Undefined when the keyring has it. */
  readonly kind: Credential['kind'] | undefined;
}

export interface UpdateOptions {
  /** Ends the waiting for another process; not the change, once it has begun. */
  readonly signal?: AbortSignal | undefined;
}

export interface CredentialsOptions {
  readonly configDir: string;
  readonly warn: (line: string) => void;
  /** Undefined where there is none that keeps a secret until tomorrow. */
  readonly keyring: Keyring | undefined;
  /** Ends the waiting for another process that changes the file. */
  readonly signal?: AbortSignal | undefined;
}

const MAX_BYTES = 256 * 1024;
/** Longer than an identity provider may take that one process waits for, while others wait for that process. */
const UPDATE_WAIT_MS = 30_000;

export function openCredentials({ configDir, warn, keyring, signal }: CredentialsOptions): Credentials {
  const path = join(configDir, 'credentials.json');
  const read = async (): Promise<Map<string, StoredEntry>> => {
    const text = await readPrivateFile(path, MAX_BYTES, warn);
    return text === undefined ? new Map() : parseCredentials(text, path);
  };
  const write = (entries: ReadonlyMap<string, StoredEntry>) =>
    writePrivateFile(path, renderCredentials(entries));
  const open = async (entry: StoredEntry | undefined): Promise<Credential | undefined> => {
    if (entry?.credential !== 'keyring') return entry?.credential;
    const text = await askKeyring(keyring, entry);
    return text === undefined ? undefined : parseCredential(text, 'what the keyring has');
  };
  const put = async (
    place: CredentialPlace,
    entry: PutEntry,
    isSaid: boolean,
  ): Promise<'keyring' | 'file'> => {
    const { credential, user } = entry;
    const { url, account } = place;
    const isKept = await tryKeyring(keyring, placeKey(place), credential, isSaid ? warn : () => undefined);
    const stored = { url, account, user, credential: isKept ? 'keyring' : credential } as const;
    await write((await read()).set(placeKey(place), stored));
    return isKept ? 'keyring' : 'file';
  };
  const findEntry = async (place: CredentialPlace) => (await read()).get(placeKey(place));
  return {
    path,
    list: async () => [...(await read()).values()].map(withoutSecret),
    find: async (place) => open(await findEntry(place)),
    store: (place, credential, user) =>
      withFileLock(path, () => put(place, { credential, user }, true), { signal }),
    update: (place, change, options = {}) =>
      withFileLock(
        path,
        async () => {
          const entry = await findEntry(place);
          const before = await open(entry);
          const after = await change(before);
          if (after !== undefined && after !== before)
            await put(place, { credential: after, user: entry?.user }, false);
          return after;
        },
        { waitMs: UPDATE_WAIT_MS, signal: options.signal ?? signal },
      ),
    forget: (place) =>
      withFileLock(
        path,
        async () => {
          const entries = await read();
          const key = placeKey(place);
          const entry = entries.get(key);
          if (entry === undefined) return false;
          // An entry that cannot be deleted there is of no use without the one here, and says so at the next sign-in.
          if (entry.credential === 'keyring') await keyring?.remove(key).catch(() => undefined);
          entries.delete(key);
          await write(entries);
          return true;
        },
        { signal },
      ),
  };
}

interface PutEntry {
  readonly credential: Credential;
  readonly user: string | undefined;
}

function withoutSecret({ url, account, user, credential }: StoredEntry): StoredAccount {
  const isKept = credential === 'keyring';
  return { url, account, user, in: isKept ? 'keyring' : 'file', kind: isKept ? undefined : credential.kind };
}

/** The keyring, for tokens unless given; undefined on a machine that has none running, where asking would only fail late. */
export function findKeyring(
  env: Readonly<Record<string, string | undefined>>,
  platform: string = process.platform,
  kind: KeyringKind = 'registry',
): Keyring | undefined {
  const hasBus = (env['DBUS_SESSION_BUS_ADDRESS'] ?? '') !== '';
  return platform === 'darwin' || platform === 'win32' || hasBus
    ? openKeyring(undefined, undefined, kind)
    : undefined;
}

async function tryKeyring(
  keyring: Keyring | undefined,
  key: string,
  credential: Credential,
  warn: (line: string) => void,
): Promise<boolean> {
  if (keyring === undefined) return false;
  try {
    await keyring.put(key, renderCredential(credential));
    return true;
  } catch (error) {
    if (!(error instanceof KeyringError)) throw error;
    warn(`the keyring cannot be used (${printable(error.message)}): a file that only you can read is`);
    return false;
  }
}

async function askKeyring(keyring: Keyring | undefined, place: CredentialPlace): Promise<string | undefined> {
  try {
    if (keyring === undefined) throw new KeyringError('none is running');
    return await keyring.find(placeKey(place));
  } catch (error) {
    if (!(error instanceof KeyringError)) throw error;
    throw new CliError('auth.keyring', `the keyring does not give the token of ${place.url}`, {
      hint: ['unlock it, or sign in again: sheaf login', printable(error.message)],
      cause: error,
    });
  }
}

/** A token as it may be sent in a header: printable ASCII without spaces. @throws CliError `auth.token_invalid` */
export function parseToken(text: string, from: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]{1,8192}$/.test(token)) return token;
  throw new CliError('auth.token_invalid', `what ${from} holds is not a token`, {
    hint: [
      'a token is one line of printable characters, such as shf_…',
      'sheaf login URL --with-token < FILE-WITH-THE-TOKEN',
    ],
  });
}
