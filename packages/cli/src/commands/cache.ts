import type { CommandGroup } from '../frame/command.js';
import { clean } from './cache-clean.js';
import { list } from './cache-list.js';
import { verify } from './cache-verify.js';

export const command: CommandGroup = {
  name: 'cache',
  about: 'What was fetched before: bundles and receipts. All of it may be deleted at any time.',
  commands: [list, verify, clean],
};
