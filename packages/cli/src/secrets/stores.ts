import { findKeyring } from '../config/credentials.js';
import type { Context } from '../frame/context.js';
import { openKeyringStore } from './keyring-store.js';
import type { SecretPlace, SecretStore } from './secret-store.js';
import { openVaultStore, type VaultStore } from './vault-store.js';

/** The places where secrets are stored; the first that has one wins. */
export interface SecretStores {
  readonly keyring: SecretStore;
  readonly vault: VaultStore;
  /** Whether there is a keyring that keeps a secret until tomorrow. */
  readonly hasKeyring: boolean;
}

export const PLACES: readonly SecretPlace[] = ['keyring', 'vault'];

/** Opens nothing before it is asked. */
export function openSecretStores(
  { env, paths, ui, now, signal }: Pick<Context, 'env' | 'paths' | 'ui' | 'now' | 'signal'>,
  platform: string = process.platform,
): SecretStores {
  const stateDir = paths.state();
  const keyring = findKeyring(env, platform, 'secret');
  return {
    keyring: openKeyringStore({ stateDir, keyring, now, warn: ui.warn, signal }),
    vault: openVaultStore({
      stateDir,
      env,
      ui,
      keyring: findKeyring(env, platform, 'vault'),
      now,
      signal,
    }),
    hasKeyring: keyring !== undefined,
  };
}
