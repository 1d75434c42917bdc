import type { CommandGroup } from '../frame/command.js';
import { add } from './registry-add.js';
import { list } from './registry-list.js';
import { remove } from './registry-remove.js';

export const command: CommandGroup = {
  name: 'registry',
  about:
    'Registries by name: corp:acme/deploy is of the one called corp. sheaf registry login is sheaf login, and so is logout.',
  commands: [add, list, remove],
};
