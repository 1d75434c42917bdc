import type { CommandGroup } from '../frame/command.js';
import { add } from './trust-add.js';
import { forget } from './trust-forget.js';
import { list } from './trust-list.js';
import { remove } from './trust-remove.js';

export const command: CommandGroup = {
  name: 'trust',
  about: 'Whom this machine believes: rules of trust.toml, accepted publishers, pinned registries.',
  commands: [list, add, remove, forget],
};
