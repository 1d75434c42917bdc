import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { amount, listOf, oneOf, text, time, whole } from './parts/fields.js';

export const document = defineDocument(
  'webhook-deliveries',
  'What was sent to a webhook, newest first.',
  Type.Object({
    registry: text('address of the registry'),
    webhook: text('the webhook'),
    deliveries: listOf(
      Type.Object({
        error: Type.Optional(text('what went wrong')),
        status: Type.Optional(whole('HTTP status of the newest answer')),
        nextAt: Type.Optional(time('when it is tried next')),
        finishedAt: Type.Optional(time('when it ended')),
        durationMs: Type.Optional(amount('how long it took')),
        response: Type.Optional(
          text('beginning of the newest answer, at most 1 KiB; what is no UTF-8 is replaced'),
        ),
        topic: text('the topic of the event'),
        id: text('the `webhook-id` header of every attempt'),
        state: oneOf(
          ['dead', 'delivered', 'pending'],
          '`dead`: it was given up; `pending`: it is tried again',
        ),
        createdAt: time('when it was created'),
        event: text('of the event'),
        attempts: whole('how often it was tried'),
      }),
      'what was sent, newest first',
    ),
  }),
);

export type WebhookDeliveriesJson = JsonOf<typeof document>;
