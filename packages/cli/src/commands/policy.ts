import type { CommandGroup } from '../frame/command.js';
import { show } from './policy-show.js';
import { sign } from './policy-sign.js';
import { verify } from './policy-verify.js';

export const command: CommandGroup = {
  name: 'policy',
  about:
    'What runs on this machine are held to: signed policies of machine and user, and that of the repository.',
  commands: [show, sign, verify],
};
