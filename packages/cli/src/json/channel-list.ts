import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, time, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'channel-list',
  'The channels of a workflow.',
  Type.Object({
    id: text('its id'),
    registry: text('address of the registry'),
    channels: listOf(
      Type.Object({
        revoked: Type.Optional(yesNo('A revoked key has signed the version')),
        version: text('the version'),
        logIndex: whole('of the move; of the publish for a channel that follows'),
        channel: text('the channel'),
        mode: oneOf(
          ['follows', 'set'],
          '`latest` follows the highest stable active version, unless it was set by hand',
        ),
        state: oneOf(
          ['active', 'deprecated', 'quarantined', 'yanked'],
          'active, deprecated, yanked or quarantined',
        ),
        resolves: yesNo(
          'whether clients take the version for the channel: a yanked, quarantined or revoked one they do not',
        ),
        movedAt: time('when it was moved'),
      }),
      'channels that point at it, or of the workflow',
    ),
  }),
);

export type ChannelListJson = JsonOf<typeof document>;
