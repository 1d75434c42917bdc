import type { CommandGroup } from '../frame/command.js';
import { list } from './secret-list.js';
import { remove } from './secret-remove.js';
import { set } from './secret-set.js';

export const command: CommandGroup = {
  name: 'secret',
  about:
    'Secrets that workflows ask for by name: kept in the keyring of the system, or encrypted in a vault. No verb prints one.',
  commands: [set, list, remove],
};
