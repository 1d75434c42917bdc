import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { webhookSecretFields } from './parts/webhook.js';

export const document = defineDocument(
  'webhook-secret',
  'A webhook with its new secret, shown this once.',
  Type.Object(webhookSecretFields),
);

export type WebhookSecretJson = JsonOf<typeof document>;
