import type { CommandGroup } from '../frame/command.js';
import { exportKey } from './key-export.js';
import { generate } from './key-generate.js';
import { list } from './key-list.js';
import { register } from './key-register.js';
import { revoke } from './key-revoke.js';
import { rotate } from './key-rotate.js';
import { sign } from './key-sign.js';
import { submitEvent } from './key-submit.js';

export const command: CommandGroup = {
  name: 'key',
  about: 'Signing keys: the private half never leaves this machine.',
  commands: [generate, list, exportKey, register, rotate, revoke, sign, submitEvent],
};
