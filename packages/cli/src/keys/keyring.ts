/** What is kept in the keyring of the operating system, each by its name. */
export interface Keyring {
  /** @throws KeyringError */
  find(name: string): Promise<string | undefined>;
  /** Stores, and reads back what was stored. @throws KeyringError */
  put(name: string, secret: string): Promise<void>;
  /** Nothing there is fine, too. @throws KeyringError */
  remove(name: string): Promise<void>;
}

/** Why the keyring cannot be used; the caller goes on without it. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError';
}

/** What of a native entry is used. */
export interface KeyringEntry {
  setPassword(password: string): Promise<void>;
  getPassword(): Promise<string | null>;
  deletePassword(): Promise<boolean>;
}

/**
 * What the names are of: `key`, passphrases by the id of their key; `registry`, tokens by its URL; `secret`, those of workflows by scope and
 * name; `vault`, the keys of vaults by the vault's id.
 */
export type KeyringKind = 'key' | 'registry' | 'secret' | 'vault';

export type OpenEntry = (account: string) => Promise<KeyringEntry>;

const SERVICE = 'sheaf';
/** A locked keyring asks its owner to unlock it, in a window of its own. */
const TIMEOUT_MS = 60_000;

/**
 * @param kind what the names are of
 * @param openEntry loads the native library when it is first called
 */
export function openKeyring(
  openEntry: OpenEntry = openNativeEntry,
  timeoutMs = TIMEOUT_MS,
  kind: KeyringKind = 'key',
): Keyring {
  const use = async <T>(name: string, work: (entry: KeyringEntry) => Promise<T>): Promise<T> => {
    try {
      return await within(timeoutMs, openEntry(`${kind} ${name}`).then(work));
    } catch (error) {
      throw new KeyringError(oneLine(error), { cause: error });
    }
  };
  return {
    find: (name) => use(name, async (entry) => (await entry.getPassword()) ?? undefined),
    put: (name, secret) =>
      use(name, async (entry) => {
        await entry.setPassword(secret);
        if ((await entry.getPassword()) !== secret)
          throw new Error('it does not give back what it was given');
      }),
    remove: async (name) => {
      await use(name, (entry) => entry.deletePassword().catch(() => false));
    },
  };
}

async function openNativeEntry(account: string): Promise<KeyringEntry> {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  // Without a named store it would silently use the kernel's keyring, which forgets.
  return new AsyncEntry(SERVICE, account, { linux: { store: 'secret-service' } });
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`it did not answer within ${ms / 1000} s`));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function oneLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return line === '' ? 'it failed without a reason' : line;
}
