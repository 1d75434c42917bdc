import type { CommandGroup } from '../frame/command.js';
import { clean } from './workspace-clean.js';
import { list } from './workspace-list.js';
import { show } from './workspace-show.js';

export const command: CommandGroup = {
  name: 'workspace',
  about: 'What runs have left on this machine: logs, and the bundle of one that was killed.',
  commands: [list, show, clean],
};
