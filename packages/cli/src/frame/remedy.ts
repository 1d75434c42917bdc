import type { Remedy } from '@sheaf/client';
import { shellWord } from '../terminal/shell.js';

/** What of an error says what to do. */
interface Advised {
  readonly hint?: string | undefined;
  readonly remedy?: Remedy | undefined;
}

/** The hint of an error of the library, with commands, flags and variables where it speaks of options. */
export function hintOf({ hint, remedy }: Advised): string | undefined {
  return remedy === undefined ? hint : hint?.replace(remedy.text, () => commandFor(remedy));
}

function commandFor(remedy: Remedy): string {
  switch (remedy.kind) {
    case 'name-registry':
      return 'set SHEAF_REGISTRY to the address of another';
    case 'name-authority':
      return 'set NODE_EXTRA_CA_CERTS to the file with that of the authority';
    case 'allow-young':
      return `--allow-young ${shellWord(remedy.release)}`;
    case 'pin-log-key':
      return `run sheaf login ${remedy.url === undefined ? 'URL' : shellWord(remedy.url)} --log-key KEY`;
    case 'fetch':
      // A lockfile names as many.
      return remedy.references.length > 10
        ? 'run sheaf lock'
        : `run sheaf fetch ${remedy.references.map(shellWord).join(' ')}`;
  }
}
