import type { Static, TSchema } from '@sinclair/typebox';
import {
  CreatedWebhookSchema,
  DeliveryListSchema,
  routes,
  WebhookListSchema,
  WebhookSchema,
  type ChangeWebhookRequest,
  type CreatedWebhook,
  type CreateWebhookRequest,
  type Delivery,
  type Webhook,
} from '../contract/index.js';
import { expectSame } from './answers.js';
import { ANY_TYPE, MAX_DOCUMENT_BYTES, type Caller, type CallOptions } from './caller.js';

/** Which deliveries of a webhook. */
export interface DeliveriesQuery {
  readonly state?: Delivery['state'] | undefined;
  /** Most deliveries to answer. */
  readonly limit: number;
}

/** Who is told of events, and what became of it. */
export interface WebhookMethods {
  /** The answer alone holds the secret. */
  createWebhook(request: CreateWebhookRequest, options?: CallOptions): Promise<CreatedWebhook>;
  /** Those of a namespace, or all of them for an administrator; at most 10,000. */
  listWebhooks(namespace: string | undefined, options?: CallOptions): Promise<readonly Webhook[]>;
  /** Changes address, topics or state of a webhook; what is left out stays. */
  changeWebhook(id: string, change: ChangeWebhookRequest, options?: CallOptions): Promise<Webhook>;
  /** Replaces the secret; the one before signs beside it for a day. */
  rotateWebhookSecret(id: string, options?: CallOptions): Promise<CreatedWebhook>;
  /** Removes a webhook and what was to be delivered to it. */
  removeWebhook(id: string, options?: CallOptions): Promise<void>;
  /** Newest first. */
  listDeliveries(id: string, query: DeliveriesQuery, options?: CallOptions): Promise<readonly Delivery[]>;
  /** Has a delivery that ended sent again, with the same id. */
  redeliver(id: string, delivery: string, options?: CallOptions): Promise<void>;
}

const PAGE = 100;
const MAX_WEBHOOKS = 10_000;

export function webhookMethods(call: Caller, url: string): WebhookMethods {
  /** Reads pages until there are as many as asked for. */
  const collect = async <S extends TSchema, T>(
    schema: S,
    { path, query, limit }: { readonly path: string; readonly query: object; readonly limit: number },
    itemsOf: (page: Static<S>) => readonly T[],
    options?: CallOptions,
  ): Promise<readonly T[]> => {
    const found: T[] = [];
    let cursor: string | undefined;
    do {
      const search = new URLSearchParams({ limit: String(Math.min(PAGE, limit - found.length)) });
      for (const [name, value] of Object.entries({ ...query, cursor }))
        if (typeof value === 'string') search.set(name, value);
      const page = await call.getJson(schema, `${path}?${search.toString()}`, {
        ...options,
        access: 'token',
      });
      const items = itemsOf(page);
      found.push(...items);
      const { nextCursor } = page as { readonly nextCursor?: string };
      cursor = items.length === 0 ? undefined : nextCursor;
    } while (cursor !== undefined && found.length < limit);
    return found.slice(0, limit);
  };
  const send = async (method: 'POST' | 'DELETE', path: string, options?: CallOptions): Promise<void> => {
    const request = { method, path, accept: ANY_TYPE, maxBytes: MAX_DOCUMENT_BYTES };
    await call.send({ ...request, idempotent: method === 'DELETE' }, options);
  };
  return {
    async createWebhook(json, o) {
      const request = { method: 'POST', path: routes.webhooks(), json } as const;
      const { value } = await call.sendJson(CreatedWebhookSchema, request, o);
      return expectSame(value, json.namespace === undefined ? {} : { namespace: json.namespace }, url);
    },
    listWebhooks: (namespace, o) =>
      collect(
        WebhookListSchema,
        { path: routes.webhooks(), query: { namespace }, limit: MAX_WEBHOOKS },
        ({ webhooks }) => webhooks,
        o,
      ),
    async changeWebhook(id, json, o) {
      const request = { method: 'PATCH', path: routes.webhook(id), json } as const;
      return expectSame((await call.sendJson(WebhookSchema, request, o)).value, { id }, url);
    },
    async rotateWebhookSecret(id, o) {
      const request = { method: 'POST', path: routes.webhookSecret(id) } as const;
      return expectSame((await call.sendJson(CreatedWebhookSchema, request, o)).value, { id }, url);
    },
    removeWebhook: (id, o) => send('DELETE', routes.webhook(id), o),
    listDeliveries: (id, { state, limit }, o) =>
      collect(
        DeliveryListSchema,
        { path: routes.webhookDeliveries(id), query: { state }, limit },
        ({ deliveries }) => deliveries,
        o,
      ),
    redeliver: (id, delivery, o) => send('POST', routes.redeliver(id, delivery), o),
  };
}
