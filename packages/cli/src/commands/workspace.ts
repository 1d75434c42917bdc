import type { CommandGroup } from '../frame/command.js';
import { clean } from './workspace-clean.js';
import { list } from './workspace-list.js';
import { shell } from './workspace-shell.js';
import { show } from './workspace-show.js';

export const command: CommandGroup = {
  name: 'workspace',
  about:
    'What runs have left on this machine: logs, workspaces that were made for them, and the bundle of one that was killed.',
  commands: [list, show, shell, clean],
};
