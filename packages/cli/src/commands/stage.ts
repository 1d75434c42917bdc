import type { CommandGroup } from '../frame/command.js';
import { approve } from './stage-approve.js';
import { list, reject } from './stage-list.js';

export const command: CommandGroup = {
  name: 'stage',
  about: 'Approve or reject versions that wait for a signature by another key.',
  commands: [list, approve, reject],
};
