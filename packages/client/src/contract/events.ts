import { Type, type Static } from '@sinclair/typebox';

/** The feed of events, and webhooks that are told of them. */

const closed = { additionalProperties: false } as const;
const time = Type.String({
  description: 'RFC 3339, UTC',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$',
});
const namespace = Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$' });
const cursor = Type.String({ pattern: '^(0|[1-9][0-9]{0,14})$' });
const topic = Type.String({ pattern: '^[a-z]+\\.[a-z_]+$', maxLength: 64 });

/** The JSON Schema of {@link RegistryEvent}. */
export const EventSchema = Type.Object({
  /** Also the cursor to go on after this event. */
  id: cursor,
  topic,
  at: time,
  /** The log that holds it, and where. */
  realm: namespace,
  logIndex: Type.Integer(),
  namespace,
  name: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  digest: Type.Optional(Type.String()),
  channel: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  replacement: Type.Optional(Type.String()),
  keyid: Type.Optional(Type.String()),
  fromIndex: Type.Optional(Type.Integer()),
  recovery: Type.Optional(Type.Boolean()),
  threshold: Type.Optional(Type.Integer()),
});
/** Something that the log has confirmed. */
export type RegistryEvent = Static<typeof EventSchema>;

/** The JSON Schema of {@link EventList}. */
export const EventListSchema = Type.Object({
  /** In their order. */
  events: Type.Array(EventSchema),
  /** What to send as `after` next: nothing is missed and nothing comes twice. */
  next: cursor,
  /** Whether there may be more at once. */
  more: Type.Boolean(),
});
/** A page of a registry's events. */
export type EventList = Static<typeof EventListSchema>;

const url = Type.String({ minLength: 1, maxLength: 2000 });
/** Any text: the registry answers one that it does not know with all that it does. */
const topics = Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32, uniqueItems: true });

/** The JSON Schema of {@link CreateWebhookRequest}. */
export const CreateWebhookSchema = Type.Object(
  {
    /** Left out for every namespace, by an administrator. */
    namespace: Type.Optional(Type.String({ maxLength: 64 })),
    url,
    /** All topics when it is left out or empty. */
    topics: Type.Optional(topics),
  },
  closed,
);
/** Where events are to be sent, and which. */
export type CreateWebhookRequest = Static<typeof CreateWebhookSchema>;

/** The JSON Schema of {@link ChangeWebhookRequest}. */
export const ChangeWebhookSchema = Type.Object(
  {
    url: Type.Optional(url),
    topics: Type.Optional(topics),
    /** `true` starts one again that was stopped; it is told of what happens from then on. */
    enabled: Type.Optional(Type.Boolean()),
  },
  { ...closed, minProperties: 1 },
);
/** What of a webhook changes. */
export type ChangeWebhookRequest = Static<typeof ChangeWebhookSchema>;

/** The JSON Schema of {@link Webhook}. */
export const WebhookSchema = Type.Object({
  id: Type.String(),
  namespace: Type.Optional(namespace),
  url: Type.String(),
  topics: Type.Array(topic),
  enabled: Type.Boolean(),
  /** Why it was stopped. */
  note: Type.Optional(Type.String()),
  createdAt: time,
  /** Since when every delivery has failed. */
  failingSince: Type.Optional(time),
  /** Until when deliveries are signed with the replaced secret as well. */
  oldSecretUntil: Type.Optional(time),
});
/** Where events are sent, without its secret. */
export type Webhook = Static<typeof WebhookSchema>;

/** The JSON Schema of {@link CreatedWebhook}. */
export const CreatedWebhookSchema = Type.Composite([
  WebhookSchema,
  Type.Object({ secret: Type.String({ description: 'shown once', pattern: '^whsec_' }) }),
]);
/** A new webhook with its secret, which is shown once. */
export type CreatedWebhook = Static<typeof CreatedWebhookSchema>;

/** The JSON Schema of {@link WebhookList}. */
export const WebhookListSchema = Type.Object({
  webhooks: Type.Array(WebhookSchema),
  nextCursor: Type.Optional(Type.String()),
});
/** All webhooks of a namespace. */
export type WebhookList = Static<typeof WebhookListSchema>;

/** The JSON Schema of a delivery state. */
export const DeliveryStateSchema = Type.Union([
  Type.Literal('pending'),
  Type.Literal('delivered'),
  Type.Literal('dead'),
]);

/** The JSON Schema of {@link Delivery}. */
export const DeliverySchema = Type.Object({
  /** The `webhook-id` header of every attempt. */
  id: Type.String(),
  /** Of the event. */
  event: cursor,
  topic,
  state: DeliveryStateSchema,
  attempts: Type.Integer(),
  createdAt: time,
  /** When it is tried next. */
  nextAt: Type.Optional(time),
  finishedAt: Type.Optional(time),
  /** HTTP status of the newest answer. */
  status: Type.Optional(Type.Integer()),
  error: Type.Optional(Type.String()),
  durationMs: Type.Optional(Type.Integer()),
  /** Beginning of the newest answer, at most 1 KiB; what is no UTF-8 is replaced. */
  response: Type.Optional(Type.String()),
});
/** One event on its way to a webhook. */
export type Delivery = Static<typeof DeliverySchema>;

/** The JSON Schema of {@link DeliveryList}. */
export const DeliveryListSchema = Type.Object({
  deliveries: Type.Array(DeliverySchema),
  nextCursor: Type.Optional(Type.String()),
});
/** A page of deliveries, newest first. */
export type DeliveryList = Static<typeof DeliveryListSchema>;
