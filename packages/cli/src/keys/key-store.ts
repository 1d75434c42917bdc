import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeKeyFile,
  encodeKeyFile,
  publicKeyFromSpki,
  type PublicKey,
  type SigningKey,
} from '@sheaf/bundle';
import { createPrivateFile, readPrivateFile, writePrivateFile } from '../config/private-files.js';
import { CliError } from '../frame/errors.js';

/** A namespace at the registry of this origin. */
export interface KeyPlace {
  readonly registry: string;
  readonly namespace: string;
}

/** Where a key was revoked, when that was last looked at from here. */
export interface RevokedIn extends KeyPlace {
  readonly reason: string;
}

/** A key file as it can be shown without its passphrase. */
export interface StoredKey {
  readonly name: string;
  readonly path: string;
  readonly publicKey: PublicKey;
  readonly hasPassphrase: boolean;
  /** Whether its passphrase was put in the keyring of the operating system. */
  readonly inKeyring: boolean;
  /** In which namespaces it is known to be revoked. */
  readonly revoked: readonly RevokedIn[];
}

/** Signing keys of this user: one private file each. */
export interface KeyStore {
  readonly dir: string;
  list(): Promise<readonly StoredKey[]>;
  /** Never overwrites a key. @throws CliError `key.exists` */
  create(name: string, key: SigningKey, passphrase: string | undefined): Promise<string>;
  /** Notes that the passphrase of a key is in the keyring, which is then asked first. */
  noteKeyring(name: string): Promise<void>;
  /** Notes where a key is revoked, in the place of what was noted before. */
  noteRevoked(name: string, revoked: readonly RevokedIn[]): Promise<void>;
  /** @throws BundleError `key.passphrase_…`, `key.file_invalid`; CliError `key.not_found` */
  open(name: string, passphrase: string | undefined): Promise<SigningKey>;
}

const MAX_BYTES = 64 * 1024;
const NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,62}[a-zA-Z0-9])?$/;
const SUFFIX = '.json';
/** An empty file beside the key file: a key file has nothing that may be left out, and no place for this. */
const KEYRING_SUFFIX = '.keyring';
const REVOKED_SUFFIX = '.revoked';

export function openKeyStore(configDir: string, warn: (line: string) => void): KeyStore {
  const dir = join(configDir, 'keys');
  const pathOf = (name: string): string => join(dir, `${name}${SUFFIX}`);
  return {
    dir,
    list: async () => {
      const keys: StoredKey[] = [];
      for (const name of await listNames(dir)) {
        const text = await readPrivateFile(pathOf(name), MAX_BYTES, warn);
        if (text !== undefined) {
          const inKeyring = await exists(join(dir, `${name}${KEYRING_SUFFIX}`));
          const note = await readPrivateFile(join(dir, `${name}${REVOKED_SUFFIX}`), MAX_BYTES, warn);
          keys.push({ ...describeKey(name, pathOf(name), text), inKeyring, revoked: readRevoked(note) });
        }
      }
      return keys;
    },
    create: async (name, key, passphrase) => {
      assertKeyName(name);
      const text = await encodeKeyFile(key, passphrase === undefined ? { name } : { name, passphrase });
      try {
        await createPrivateFile(pathOf(name), text);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        throw new CliError('key.exists', `there is a key called ${name} already`, {
          hint: ['a key is never overwritten: choose another --name', 'sheaf key list'],
          evidence: [pathOf(name)],
        });
      }
      return pathOf(name);
    },
    noteKeyring: async (name) => {
      assertKeyName(name);
      const path = join(dir, `${name}${KEYRING_SUFFIX}`);
      if (!(await exists(path))) await createPrivateFile(path, '');
    },
    noteRevoked: async (name, revoked) => {
      assertKeyName(name);
      const path = join(dir, `${name}${REVOKED_SUFFIX}`);
      if (revoked.length > 0) await writePrivateFile(path, `${JSON.stringify(revoked)}\n`);
      else await rm(path, { force: true });
    },
    open: async (name, passphrase) => {
      assertKeyName(name);
      const text = await readPrivateFile(pathOf(name), MAX_BYTES, warn);
      if (text === undefined) {
        const names = await listNames(dir);
        throw new CliError('key.not_found', `there is no key called ${name}`, {
          hint: names.length === 0 ? `sheaf key generate --name ${name}` : `your keys: ${names.join(', ')}`,
        });
      }
      return (await decodeKeyFile(text, passphrase)).key;
    },
  };
}

/** @throws CliError `usage.key_name` */
export function assertKeyName(name: string): void {
  if (NAME.test(name)) return;
  throw new CliError('usage.key_name', `${JSON.stringify(name)} cannot be the name of a key`, {
    hint: 'use 1 to 64 letters, digits, dots, hyphens and underscores',
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

async function listNames(dir: string): Promise<readonly string[]> {
  try {
    const files = await readdir(dir);
    return files
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => file.slice(0, -SUFFIX.length))
      .filter((name) => NAME.test(name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function describeKey(name: string, path: string, text: string): Omit<StoredKey, 'inKeyring' | 'revoked'> {
  try {
    const file = JSON.parse(text) as { readonly publicKey?: unknown; readonly kdf?: unknown };
    if (typeof file.publicKey !== 'string') throw new TypeError('no public key');
    return { name, path, publicKey: publicKeyFromSpki(file.publicKey), hasPassphrase: file.kdf !== 'none' };
  } catch (error) {
    throw new CliError('key.file_invalid', `${path} is not a key file`, {
      hint: 'restore it from a copy, or move it away',
      cause: error,
    });
  }
}

/** What is damaged says nothing: it is written anew when the log is read again. */
function readRevoked(text: string | undefined): readonly RevokedIn[] {
  if (text === undefined) return [];
  try {
    const notes: unknown = JSON.parse(text);
    return Array.isArray(notes) ? notes.filter(isRevokedNote) : [];
  } catch {
    return [];
  }
}

function isRevokedNote(note: unknown): note is RevokedIn {
  if (typeof note !== 'object' || note === null) return false;
  const fields = note as Readonly<Record<string, unknown>>;
  return ['registry', 'namespace', 'reason'].every((name) => typeof fields[name] === 'string');
}
