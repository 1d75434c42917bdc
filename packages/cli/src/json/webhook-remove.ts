import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text } from './parts/fields.js';

export const document = defineDocument(
  'webhook-remove',
  'A webhook that was removed.',
  Type.Object({
    registry: text('address of the registry'),
    id: text('its id'),
  }),
);

export type WebhookRemoveJson = JsonOf<typeof document>;
