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
    oidc: Type.Optional(
      Type.Object(
        {
          issuer: text('who issues the tokens'),
          claims: listOf(
            Type.Tuple([Type.String(), Type.String()]),
            'name and value; the value exact, or with `*` for any run of characters',
          ),
          anyJob: Type.Optional(Type.Literal(true, { description: "whoever's jobs they are" })),
        },
        { description: 'jobs of CI that count as one of the keys' },
      ),
    ),
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
        good: yesNo('it is there, and not revoked'),
      }),
      'the log',
    ),
  }),
);

export type TrustAddJson = JsonOf<typeof document>;
