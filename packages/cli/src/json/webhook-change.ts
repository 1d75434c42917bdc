import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { webhookOfRegistry } from './parts/webhook.js';

export const document = defineDocument(
  'webhook-change',
  'A webhook after a change.',
  Type.Object(webhookOfRegistry),
);

export type WebhookChangeJson = JsonOf<typeof document>;
