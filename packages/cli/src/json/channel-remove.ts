import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text } from './parts/fields.js';

export const document = defineDocument(
  'channel-remove',
  'A channel that was removed.',
  Type.Object({
    id: text('its id'),
    channel: text('the channel'),
    version: Type.Optional(text('where `latest` points now that it follows again')),
    registry: text('address of the registry'),
  }),
);

export type ChannelRemoveJson = JsonOf<typeof document>;
