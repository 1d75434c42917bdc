import { Type } from '@sinclair/typebox';
import { listOf, oneOf, text, whole } from './fields.js';

/** What became of a key event. */
export const keyEventFields = {
  status: oneOf(
    ['logged', 'unchanged', 'written'],
    '`unchanged` when the log said so already, `written` when it waits in a file',
  ),
  namespace: text('the namespace'),
  type: oneOf(['key.add', 'key.revoke', 'ns.policy'], 'its type'),
  signedBy: listOf(Type.String(), 'active keys of the namespace that signed'),
  needed: whole('how many of them must sign'),
  file: Type.Optional(text('the file')),
  registry: text('address of the registry'),
};
