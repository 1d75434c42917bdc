import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text } from './parts/fields.js';
import { webhookFields } from './parts/webhook.js';

export const document = defineDocument(
  'webhook-list',
  'The webhooks.',
  Type.Object({
    registry: text('address of the registry'),
    webhooks: listOf(Type.Object(webhookFields), 'the webhooks'),
  }),
);

export type WebhookListJson = JsonOf<typeof document>;
