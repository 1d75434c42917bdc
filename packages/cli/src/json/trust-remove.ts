import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'trust-remove',
  'What was taken back.',
  Type.Object({
    namespace: text('the namespace'),
    registry: Type.Optional(text('address of the registry')),
    key: Type.Optional(text('the key')),
    file: text('the file'),
    keysLeft: whole('keys of the rule that is left; 0 when there is none'),
    jobsLeft: yesNo('whether the rule that is left speaks of jobs'),
    ruleChanged: yesNo('whether a rule changed'),
    forgotten: listOf(
      Type.String(),
      'registries at which an acceptance at first use was forgotten, by origin',
    ),
    logsForgotten: listOf(
      Type.String(),
      'registries at which it was forgotten in which log the namespace is, by origin',
    ),
    others: listOf(Type.String(), 'other registries at which a rule still allows the namespace, by origin'),
  }),
);

export type TrustRemoveJson = JsonOf<typeof document>;
