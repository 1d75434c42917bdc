import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, time, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'webhook-change',
  'A webhook after a change.',
  Type.Object({
    registry: text('address of the registry'),
    namespace: Type.Optional(text('the namespace')),
    note: Type.Optional(text('why it was stopped')),
    failingSince: Type.Optional(text('since when every delivery has failed')),
    oldSecretUntil: Type.Optional(time('until when deliveries are signed with the replaced secret as well')),
    id: text('its id'),
    url: text('address'),
    createdAt: time('when it was created'),
    topics: listOf(Type.String(), 'topics of the events'),
    enabled: yesNo('whether it is in use'),
  }),
);

export type WebhookChangeJson = JsonOf<typeof document>;
