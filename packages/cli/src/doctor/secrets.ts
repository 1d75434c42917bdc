import { stat } from 'node:fs/promises';
import { keyringIndexPath } from '../secrets/keyring-store.js';
import type { SecretStores } from '../secrets/stores.js';
import { vaultPath } from '../secrets/vault-store.js';
import { shellWord } from '../terminal/shell.js';
import { plural } from '../terminal/text.js';
import type { Paths } from '../config/paths.js';
import type { Check, Finding } from './check.js';

const CHECK = 'secrets';

/** Bits that let anybody but the owner in. */
const OTHERS = 0o077;

/** Whether what lists the secrets of workflows can be read, and what opens them is there. Opens nothing. */
export function secretsCheck(
  { state }: Pick<Paths, 'state'>,
  open: () => SecretStores,
  platform: string = process.platform,
): Check {
  return {
    name: CHECK,
    run: async (): Promise<Finding> => {
      for (const path of platform === 'win32' ? [] : [vaultPath(state()), keyringIndexPath(state())]) {
        // Before it is read, which would close it.
        const mode = (await stat(path).catch(() => undefined))?.mode ?? 0;
        if ((mode & OTHERS) !== 0) return openToOthers(path, mode);
      }
      const { keyring, vault, hasKeyring } = open();
      const inKeyring = (await keyring.list()).length;
      const inVault = (await vault.list()).length;
      const method = await vault.method();
      if (inKeyring === 0 && method === undefined)
        return { check: CHECK, status: 'skip', detail: 'none is stored here' };
      const parts = [
        ...(inKeyring === 0 ? [] : [`${plural(inKeyring, 'secret')} in the keyring`]),
        ...(method === undefined
          ? []
          : [
              `${plural(inVault, 'secret')} in the vault, which ${method === 'scrypt' ? 'a passphrase opens' : 'a key in the keyring opens'}`,
            ]),
      ];
      const detail = parts.join(', ');
      if (hasKeyring || (inKeyring === 0 && method !== 'keyring'))
        return { check: CHECK, status: 'ok', detail };
      return {
        check: CHECK,
        status: 'warn',
        detail: `${detail}, and no keyring is running`,
        remedy: 'start the keyring of the session in which they were set, or set them anew',
      };
    },
  };
}

function openToOthers(path: string, mode: number): Finding {
  return {
    check: CHECK,
    status: 'fail',
    detail: `${path} can be read by others (${(mode & 0o777).toString(8).padStart(4, '0')})`,
    remedy: `chmod 600 ${shellWord(path)}`,
  };
}
