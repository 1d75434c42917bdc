import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, whole } from './parts/fields.js';
import { keyEventFields } from './parts/key-event.js';

export const document = defineDocument(
  'key-revoke',
  'A key that was revoked, and what is refused because of it.',
  Type.Object({
    key: text('the key'),
    reason: oneOf(['compromised', 'superseded'], 'why'),
    fromIndex: Type.Optional(whole('log index from which its signatures do not count')),
    refusedCount: whole(
      'how many published versions are refused from now on that were not before, as the registry counts them',
    ),
    refused: listOf(
      Type.Object({
        id: text('its id'),
        version: text('the version'),
        logIndex: whole('its place in the log'),
        state: oneOf(
          ['active', 'deprecated', 'quarantined', 'yanked'],
          'active, deprecated, yanked or quarantined',
        ),
      }),
      'the first of them by the order of the log, 1,000 at the most',
    ),
    endorsed: listOf(
      Type.String(),
      'active keys that it vouched for from that index on, itself or through others: whoever has it may have these',
    ),
    revokedIndex: Type.Optional(whole('index of the revocation in the log, when it was so already')),
    ...keyEventFields,
  }),
);

export type KeyRevokeJson = JsonOf<typeof document>;
