import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, whole } from './parts/fields.js';

export const document = defineDocument(
  'namespace-policy',
  'How many keys of a namespace must sign.',
  Type.Object({
    threshold: whole('how many keys must sign'),
    before: whole('as it was before'),
    activeKeys: whole('how many of its keys count'),
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
  }),
);

export type NamespacePolicyJson = JsonOf<typeof document>;
