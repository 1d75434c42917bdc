import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text, whole } from './parts/fields.js';

export const document = defineDocument(
  'channel-set',
  'A channel that was pointed at a version.',
  Type.Object({
    id: text('its id'),
    channel: text('the channel'),
    version: text('the version'),
    logIndex: whole('its place in the log'),
    registry: text('address of the registry'),
  }),
);

export type ChannelSetJson = JsonOf<typeof document>;
