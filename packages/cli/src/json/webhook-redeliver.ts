import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text } from './parts/fields.js';

export const document = defineDocument(
  'webhook-redeliver',
  'A delivery that is sent once more.',
  Type.Object({
    registry: text('address of the registry'),
    webhook: text('the webhook'),
    delivery: text('the delivery'),
  }),
);

export type WebhookRedeliverJson = JsonOf<typeof document>;
