import type { SecretEntry } from './secret-entry.js';
import type { SecretKey } from './secret-key.js';

/** A secret with its value. */
export interface StoredSecret {
  readonly version: string;
  readonly value: string;
}

/** What keeps secrets. */
export interface SecretStore {
  /** Asks for no passphrase and opens no keyring. @throws CliError `vault.damaged`, `vault.newer`, `config.invalid` */
  readonly list: () => Promise<readonly SecretEntry[]>;
  /** @throws CliError `vault.…`, `secret.keyring` */
  readonly find: (key: SecretKey) => Promise<StoredSecret | undefined>;
  /** Sets one in the place of an earlier value, whole or not at all. @throws CliError `vault.…`, `secret.…`, `file.busy` */
  readonly set: (key: SecretKey, value: string) => Promise<SecretEntry>;
  /** @returns whether there was one @throws CliError `vault.…`, `secret.…`, `file.busy` */
  readonly remove: (key: SecretKey) => Promise<boolean>;
}

/** Where a secret can be stored. */
export type SecretPlace = 'keyring' | 'vault';
