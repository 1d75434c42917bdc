import { Type } from '@sinclair/typebox';
import { listOf, text, time, yesNo } from './fields.js';

/** A webhook, as each verb that names one shows it. */
export const webhookFields = {
  namespace: Type.Optional(text('the namespace')),
  note: Type.Optional(text('why it was stopped')),
  failingSince: Type.Optional(time('since when every delivery has failed')),
  oldSecretUntil: Type.Optional(time('until when deliveries are signed with the replaced secret as well')),
  id: text('its id'),
  url: text('address'),
  createdAt: time('when it was created'),
  topics: listOf(Type.String(), 'topics of the events'),
  enabled: yesNo('whether it is in use'),
};

/** One of a registry. */
export const webhookOfRegistry = { registry: text('address of the registry'), ...webhookFields };

/** The same with a secret that is shown this once. */
export const webhookSecretFields = { ...webhookOfRegistry, secret: text('the secret, shown once') };
