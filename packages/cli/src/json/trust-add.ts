import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'trust-add',
  'A rule that was written to trust.toml.',
  Type.Object({
    namespace: text('the namespace'),
    registry: text('its origin'),
    keys: listOf(Type.String(), 'the keys'),
    threshold: whole('how many keys must sign'),
    file: text('the file'),
    line: whole('line, from 1'),
    changed: yesNo('whether anything changed'),
    kept: listOf(Type.String(), 'keys that were accepted at the first use, and stay allowed'),
    log: listOf(
      Type.Object({
        key: text('the key'),
        registry: text('address of the registry'),
        says: text('one line'),
        isGood: yesNo('it is there, and not revoked'),
      }),
      'the log',
    ),
  }),
);

export type TrustAddJson = JsonOf<typeof document>;
