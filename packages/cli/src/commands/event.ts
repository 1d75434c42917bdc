import type { CommandGroup } from '../frame/command.js';
import { send } from './event-send.js';

export const command: CommandGroup = {
  name: 'event',
  about: 'Send events to runs, for the steps that wait for one.',
  commands: [send],
};
