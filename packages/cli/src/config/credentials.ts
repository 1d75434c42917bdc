import { join } from 'node:path';
import { CliError } from '../frame/errors.js';
import { KeyringError, openKeyring, type Keyring } from '../keys/keyring.js';
import { printable } from '../terminal/escape.js';
import {
  parseCredential,
  parseCredentials,
  renderCredential,
  renderCredentials,
  type Credential,
  type StoredEntry,
} from './credential-format.js';
import { readPrivateFile, withFileLock, writePrivateFile } from './private-files.js';

/**
 * What was stored to sign in to registries, by their URL: in the keyring of the system where there is one, else in a
 * file that only its owner may read. The file says which.
 */
export interface Credentials {
  readonly path: string;
  /** @throws CliError `config.invalid`, `auth.keyring` */
  find(registryUrl: string): Promise<Credential | undefined>;
  /** Stores in the place of what was there; why the keyring was not used is told. @returns where it lies */
  store(registryUrl: string, credential: Credential): Promise<'keyring' | 'file'>;
  /**
   * Finds, changes and stores while no other process does: `change` sees what is stored now.
   *
   * @returns what is stored afterwards
   */
  update(
    registryUrl: string,
    change: (now: Credential | undefined) => Promise<Credential | undefined>,
  ): Promise<Credential | undefined>;
  /** @returns whether there was one */
  forget(registryUrl: string): Promise<boolean>;
}

export interface CredentialsOptions {
  readonly configDir: string;
  readonly warn: (line: string) => void;
  /** Undefined where there is none that keeps a secret until tomorrow. */
  readonly keyring: Keyring | undefined;
}

const MAX_BYTES = 256 * 1024;

export function openCredentials({ configDir, warn, keyring }: CredentialsOptions): Credentials {
  const path = join(configDir, 'credentials.json');
  const read = async (): Promise<Map<string, StoredEntry>> => {
    const text = await readPrivateFile(path, MAX_BYTES, warn);
    return text === undefined ? new Map() : parseCredentials(text, path);
  };
  const write = (entries: ReadonlyMap<string, StoredEntry>) =>
    writePrivateFile(path, renderCredentials(entries));
  const open = async (url: string, entry: StoredEntry | undefined): Promise<Credential | undefined> => {
    if (entry !== 'keyring') return entry;
    const text = await askKeyring(keyring, url);
    return text === undefined ? undefined : parseCredential(text, 'what the keyring has');
  };
  const put = async (url: string, credential: Credential, isSaid: boolean): Promise<'keyring' | 'file'> => {
    const place = (await tryKeyring(keyring, url, credential, isSaid ? warn : () => undefined))
      ? 'keyring'
      : 'file';
    await write((await read()).set(url, place === 'keyring' ? 'keyring' : credential));
    return place;
  };
  const find = async (url: string) => open(url, (await read()).get(url));
  return {
    path,
    find,
    store: (url, credential) => withFileLock(path, () => put(url, credential, true)),
    update: (url, change) =>
      withFileLock(path, async () => {
        const before = await find(url);
        const after = await change(before);
        if (after !== undefined && after !== before) await put(url, after, false);
        return after;
      }),
    forget: (url) =>
      withFileLock(path, async () => {
        const entries = await read();
        const entry = entries.get(url);
        if (entry === undefined) return false;
        // An entry that cannot be deleted there is of no use without the one here, and says so at the next sign-in.
        if (entry === 'keyring') await keyring?.remove(url).catch(() => undefined);
        entries.delete(url);
        await write(entries);
        return true;
      }),
  };
}

/** The keyring for tokens; undefined on a machine that has none running, where asking would only fail late. */
export function findKeyring(
  env: Readonly<Record<string, string | undefined>>,
  platform: string = process.platform,
): Keyring | undefined {
  const hasBus = (env['DBUS_SESSION_BUS_ADDRESS'] ?? '') !== '';
  return platform === 'darwin' || platform === 'win32' || hasBus
    ? openKeyring(undefined, undefined, 'registry')
    : undefined;
}

async function tryKeyring(
  keyring: Keyring | undefined,
  url: string,
  credential: Credential,
  warn: (line: string) => void,
): Promise<boolean> {
  if (keyring === undefined) return false;
  try {
    await keyring.put(url, renderCredential(credential));
    return true;
  } catch (error) {
    if (!(error instanceof KeyringError)) throw error;
    warn(`the keyring cannot be used (${printable(error.message)}): a file that only you can read is`);
    return false;
  }
}

async function askKeyring(keyring: Keyring | undefined, url: string): Promise<string | undefined> {
  try {
    if (keyring === undefined) throw new KeyringError('none is running');
    return await keyring.find(url);
  } catch (error) {
    if (!(error instanceof KeyringError)) throw error;
    throw new CliError('auth.keyring', `the keyring does not give the token of ${url}`, {
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
