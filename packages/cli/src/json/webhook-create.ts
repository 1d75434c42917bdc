import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { webhookSecretFields } from './parts/webhook.js';

export const document = defineDocument(
  'webhook-create',
  'A webhook with its secret, shown this once.',
  Type.Object(webhookSecretFields),
);

export type WebhookCreateJson = JsonOf<typeof document>;
