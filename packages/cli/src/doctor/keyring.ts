import type { Keyring } from '../keys/keyring.js';
import type { Check } from './check.js';

const CHECK = 'keyring';
const NAME = 'sheaf-doctor';

/** Whether the keyring of the system gives back what it is given. What is put there is taken away again. */
export function keyringCheck(keyring: Keyring | undefined, random: () => string): Check {
  return {
    name: CHECK,
    run: async () => {
      if (keyring === undefined)
        return {
          check: CHECK,
          status: 'skip',
          detail: 'none is running: tokens are kept in a file that only you can read',
        };
      try {
        await keyring.put(NAME, random());
        await keyring.remove(NAME);
        return { check: CHECK, status: 'ok', detail: 'keeps what it is given' };
      } catch (error) {
        return {
          check: CHECK,
          status: 'warn',
          detail: `${error instanceof Error ? error.message : String(error)}: tokens are kept in a file that only you can read`,
          remedy: 'unlock it, or start one',
        };
      }
    },
  };
}
