import { ChangeWebhookSchema, CreateWebhookSchema } from '@sheaf/client/contract';
import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { EVENT_TOPICS } from '../../domain/events/event.js';
import { RegistryError } from '../../domain/error.js';
import {
  changeWebhook,
  createWebhook,
  getWebhook,
  getWebhooks,
  removeWebhook,
  rotateSecret,
} from '../../domain/webhooks/manage.js';
import type { Handler, RequestContext } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { queryOf } from '../../http/query.js';
import { sendResult } from '../../http/respond.js';
import { callerOf } from '../params.js';

export const WebhooksQuerySchema = Type.Object(
  {
    namespace: Type.Optional(Type.String({ maxLength: 64 })),
    cursor: Type.Optional(
      Type.String({
        pattern: '^wh_[0-9a-f]{1,64}$',
        description: '`nextCursor` of the answer before',
        examples: ['wh_0123456789abcdef'],
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  { additionalProperties: false },
);
const readQuery = queryOf(WebhooksQuerySchema);
const readCreate = jsonBodyOf(CreateWebhookSchema);
const readChange = jsonBodyOf(ChangeWebhookSchema);
const DEFAULT_LIMIT = 50;
const KNOWN_TOPICS: ReadonlySet<string> = new Set(EVENT_TOPICS);

/** `POST /v1/webhooks` */
export function postWebhook(deps: AppDeps): Handler {
  return async (ctx) => {
    const caller = signedIn(ctx);
    const request = await readCreate(ctx);
    assertTopics(request.topics);
    const created = await createWebhook(deps, caller, request);
    ctx.set('Location', `/v1/webhooks/${created.id}`);
    sendResult(ctx, 201, created);
  };
}

/** `GET /v1/webhooks` */
export function listWebhooksRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const { namespace, cursor = '', limit = DEFAULT_LIMIT } = readQuery(ctx);
    sendResult(ctx, 200, await getWebhooks(deps, signedIn(ctx), { namespace, after: cursor, limit }));
  };
}

/** `GET /v1/webhooks/{id}` */
export function showWebhook(deps: AppDeps): Handler {
  return async (ctx) => {
    sendResult(ctx, 200, await getWebhook(deps, signedIn(ctx), idOf(ctx)));
  };
}

/** `PATCH /v1/webhooks/{id}` */
export function patchWebhook(deps: AppDeps): Handler {
  return async (ctx) => {
    const caller = signedIn(ctx);
    const request = await readChange(ctx);
    assertTopics(request.topics);
    sendResult(ctx, 200, await changeWebhook(deps, caller, idOf(ctx), request));
  };
}

/** `POST /v1/webhooks/{id}/secret` */
export function postSecret(deps: AppDeps): Handler {
  return async (ctx) => {
    sendResult(ctx, 200, await rotateSecret(deps, signedIn(ctx), idOf(ctx)));
  };
}

/** `DELETE /v1/webhooks/{id}` */
export function deleteWebhookRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    await removeWebhook(deps, signedIn(ctx), idOf(ctx));
    ctx.status = 204;
  };
}

export function signedIn(ctx: RequestContext) {
  if (!ctx.state.principal) throw new RegistryError('auth.required', 'this needs an access token');
  return callerOf(ctx);
}

export function idOf(ctx: RequestContext): string {
  const id = ctx.params['id'] ?? '';
  if (!/^wh_[0-9a-f]{1,64}$/.test(id))
    throw new RegistryError('webhook.not_found', 'there is no such webhook');
  return id;
}

function assertTopics(topics: readonly string[] = []): void {
  const at = topics.findIndex((topic) => !KNOWN_TOPICS.has(topic));
  if (at === -1) return;
  throw new RegistryError('request.invalid', 'there is no such topic', {
    errors: [
      {
        pointer: `/topics/${at}`,
        code: 'field.invalid',
        detail: `must be one of ${EVENT_TOPICS.join(', ')}`,
      },
    ],
  });
}
