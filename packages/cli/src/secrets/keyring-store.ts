import { join } from 'node:path';
import { readPrivateFile, withFileLock, writePrivateFile } from '../config/private-files.js';
import { CliError } from '../frame/errors.js';
import { KeyringError, type Keyring } from '../keys/keyring.js';
import { printable } from '../terminal/escape.js';
import { membersOfEntry, newEntry, readEntry, type SecretEntry } from './secret-entry.js';
import { keyText, typedKey, type SecretKey } from './secret-key.js';
import type { SecretStore, StoredSecret } from './secret-store.js';

const SCHEMA = 'sheaf.secret-index/1';
const MAX_BYTES = 256 * 1024;
const MAX_SECRETS = 1_000;

export interface KeyringStoreDeps {
  /** Folder of the state of this user. */
  readonly stateDir: string;
  /** For secrets; undefined where there is none. */
  readonly keyring: Keyring | undefined;
  readonly now: () => number;
  readonly warn: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Secrets in the keyring of the system. A keyring is not asked what it has: a file lists what was put there, so that nothing is unlocked
 * for a secret that is not there.
 */
export function openKeyringStore(deps: KeyringStoreDeps): SecretStore {
  const { stateDir, keyring, now, warn, signal } = deps;
  const path = keyringIndexPath(stateDir);
  const read = async (): Promise<Map<string, SecretEntry>> => {
    const text = await readPrivateFile(path, MAX_BYTES, warn);
    return text === undefined ? new Map() : parseIndex(text, path);
  };
  const write = (entries: ReadonlyMap<string, SecretEntry>): Promise<void> =>
    writePrivateFile(path, renderIndex([...entries.values()]));
  const use = async <T>(key: SecretKey, work: (keyring: Keyring) => Promise<T>): Promise<T> => {
    try {
      if (keyring === undefined) throw new KeyringError('none is running');
      return await work(keyring);
    } catch (error) {
      if (!(error instanceof KeyringError)) throw error;
      throw refused(key, error);
    }
  };
  return {
    list: async () => [...(await read()).values()],
    find: async (key) => {
      if (!(await read()).has(keyText(key))) return undefined;
      return use(key, async (ring) => parseStored(await ring.find(keyText(key))));
    },
    set: (key, value) =>
      withFileLock(
        path,
        async () => {
          const entries = await read();
          const entry = newEntry(key, now());
          if (entries.set(keyText(key), entry).size > MAX_SECRETS) throw full();
          const stored: StoredSecret = { version: entry.version, value };
          await use(key, (ring) => ring.put(keyText(key), JSON.stringify(stored)));
          await write(entries);
          return entry;
        },
        { signal },
      ),
    remove: (key) =>
      withFileLock(
        path,
        async () => {
          const entries = await read();
          if (!entries.delete(keyText(key))) return false;
          try {
            await use(key, (ring) => ring.remove(keyText(key)));
          } catch (error) {
            // Else a keyring that is gone for good would keep its names for ever.
            warn(`${(error as Error).message}: what it may still have stays there`);
          }
          await write(entries);
          return true;
        },
        { signal },
      ),
  };
}

/** The file that lists what is in the keyring. */
export function keyringIndexPath(stateDir: string): string {
  return join(stateDir, 'secrets', 'keyring.json');
}

/** @throws CliError `config.invalid` */
function parseIndex(text: string, path: string): Map<string, SecretEntry> {
  let entries: readonly (SecretEntry | undefined)[] = [undefined];
  try {
    const { schema, secrets } = JSON.parse(text) as { readonly schema?: unknown; readonly secrets?: unknown };
    if (schema === SCHEMA && Array.isArray(secrets)) entries = secrets.map(readEntry);
  } catch {
    // Told below.
  }
  if (entries.every((entry) => entry !== undefined))
    return new Map(entries.map((entry) => [keyText(entry), entry]));
  throw new CliError('config.invalid', `${path} is damaged`, {
    hint: 'move it away and set the secrets of the keyring anew',
  });
}

function renderIndex(entries: readonly SecretEntry[]): string {
  return `${JSON.stringify({ schema: SCHEMA, secrets: entries.map(membersOfEntry) }, null, 2)}\n`;
}

/** @throws KeyringError */
function parseStored(text: string | undefined): StoredSecret {
  if (text === undefined) throw new KeyringError('it has lost the secret');
  try {
    const { version, value } = JSON.parse(text) as Partial<Record<string, unknown>>;
    if (typeof version === 'string' && typeof value === 'string') return { version, value };
  } catch {
    // Not why: an error of the parser would quote the secret.
  }
  throw new KeyringError('what it has was not put there by sheaf');
}

function refused(key: SecretKey, cause: KeyringError): CliError {
  return new CliError(
    'secret.keyring',
    `the keyring does not give or take the secret ${key.name}: ${printable(cause.message)}`,
    {
      hint: ['unlock it', `or set the secret anew: sheaf secret set ${typedKey(key)}`],
      cause,
    },
  );
}

function full(): CliError {
  return new CliError('vault.full', `the list of the keyring's secrets holds at most ${MAX_SECRETS}`, {
    hint: 'remove what is not used any more: sheaf secret list',
  });
}
