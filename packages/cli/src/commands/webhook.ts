import type { CommandGroup } from '../frame/command.js';
import { change, secret } from '../webhook/change.js';
import { deliveries, redeliver } from '../webhook/deliveries.js';
import { create, list, remove } from '../webhook/manage.js';

export const command: CommandGroup = {
  name: 'webhook',
  about: 'Have events of the registry sent somewhere, signed, and see what became of each.',
  commands: [create, list, change, secret, deliveries, redeliver, remove],
};
