import { join } from 'node:path';
import { readPrivateFile, withFileLock, writePrivateFile } from '../config/private-files.js';
import { CliError } from '../frame/errors.js';
import { newEntry, type SecretEntry } from './secret-entry.js';
import { keyText } from './secret-key.js';
import type { SecretStore } from './secret-store.js';
import {
  MAX_VAULT_BYTES,
  MAX_VAULT_SECRETS,
  openVault,
  parseVault,
  sealVault,
  type SealedVault,
  type VaultKdf,
} from './vault-format.js';
import { makeVault, unlockVault, type OpenedVault, type VaultKeyDeps } from './vault-key.js';

/** Secrets in an encrypted file. */
export interface VaultStore extends SecretStore {
  readonly path: string;
  /** How it is opened; undefined when there is none. */
  readonly method: () => Promise<VaultKdf['kind'] | undefined>;
}

export interface VaultDeps extends VaultKeyDeps {
  /** Folder of the state of this user. */
  readonly stateDir: string;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** Opened once, and again when another process makes another one. */
export function openVaultStore(deps: VaultDeps): VaultStore {
  const path = vaultPath(deps.stateDir);
  const { warn } = deps.ui;
  /** Also when that failed: nobody is asked twice. */
  let opened: { readonly id: string; readonly vault: Promise<OpenedVault> } | undefined;
  const read = async (): Promise<SealedVault | undefined> => {
    const text = await readPrivateFile(path, MAX_VAULT_BYTES, warn);
    return text === undefined ? undefined : parseVault(text, path);
  };
  const unlock = (vault: SealedVault): Promise<OpenedVault> => {
    if (opened?.id !== vault.id) opened = { id: vault.id, vault: unlockVault(deps, vault, path) };
    return opened.vault;
  };
  /** Reads, changes and writes while no other process does. Questions are asked before, so that nobody waits for an answer. */
  const change = async <T>(isMade: boolean, edit: (values: Values) => T): Promise<T | undefined> => {
    for (;;) {
      const before = await read();
      if (before === undefined && !isMade) return undefined;
      const { id, kdf, key } = await (before === undefined ? makeVault(deps) : unlock(before));
      const done = await withFileLock(
        path,
        async () => {
          const now = await read();
          if (now?.id !== before?.id) return undefined;
          const values = now === undefined ? noValues() : valuesOf(now, openVault(now, key, path));
          const result = edit(values);
          await write(path, { id, kdf, key }, values);
          return { result };
        },
        { signal: deps.signal },
      );
      if (done !== undefined) {
        opened = { id, vault: Promise.resolve({ id, kdf, key }) };
        return done.result;
      }
    }
  };
  return {
    path,
    method: async () => (await read())?.kdf.kind,
    list: async () => (await read())?.secrets ?? [],
    find: async (key) => {
      const vault = await read();
      const wanted = keyText(key);
      if (!(vault?.secrets.some((each) => keyText(each) === wanted) ?? false) || vault === undefined)
        return undefined;
      const { key: secret } = await unlock(vault);
      const found = valuesOf(vault, openVault(vault, secret, path)).get(wanted);
      return found && { version: found.entry.version, value: found.value };
    },
    set: async (key, value) => {
      const entry = newEntry(key, deps.now());
      await change(true, (values) => {
        values.set(keyText(key), { entry, value });
      });
      return entry;
    },
    remove: async (key) => {
      const isThere = (await read())?.secrets.some((each) => keyText(each) === keyText(key)) ?? false;
      return isThere && ((await change(false, (values) => values.delete(keyText(key)))) ?? false);
    },
  };
}

export function vaultPath(stateDir: string): string {
  return join(stateDir, 'secrets', 'vault.json');
}

function noValues(): Values {
  return new Map();
}

type Values = Map<string, { readonly entry: SecretEntry; readonly value: string }>;

function valuesOf({ secrets }: SealedVault, values: readonly string[]): Values {
  return new Map(secrets.map((entry, index) => [keyText(entry), { entry, value: values[index] ?? '' }]));
}

async function write(path: string, { id, kdf, key }: OpenedVault, values: Values): Promise<void> {
  const all = [...values.values()];
  const text = sealVault(
    { id, kdf, secrets: all.map(({ entry }) => entry) },
    all.map(({ value }) => value),
    key,
  );
  if (all.length > MAX_VAULT_SECRETS || Buffer.byteLength(text) > MAX_VAULT_BYTES) {
    throw new CliError(
      'vault.full',
      `a vault holds at most ${MAX_VAULT_SECRETS} secrets, and ${MAX_VAULT_BYTES} bytes with its encryption`,
      { hint: 'remove what is not used any more: sheaf secret list' },
    );
  }
  await writePrivateFile(path, text);
}
