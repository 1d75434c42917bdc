import { Type } from '@sinclair/typebox';
import { listOf, text, time, yesNo } from './fields.js';

/** A webhook with a secret that is shown this once. */
export const webhookSecretFields = {
  registry: text('address of the registry'),
  namespace: Type.Optional(text('the namespace')),
  note: Type.Optional(text('what was said of it')),
  failingSince: Type.Optional(text('since when it fails')),
  oldSecretUntil: Type.Optional(time('until when the old secret signs as well')),
  id: text('its id'),
  url: text('address'),
  createdAt: time('when it was created'),
  topics: listOf(Type.String(), 'topics of the events'),
  enabled: yesNo('whether it is in use'),
  secret: text('the secret, shown once'),
};
