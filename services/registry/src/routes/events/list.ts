import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { EVENT_TOPICS } from '../../domain/events/event.js';
import { readFeed } from '../../domain/events/feed.js';
import { PUBLIC_REALM } from '../../domain/log/realms.js';
import type { Handler, RequestContext } from '../../http/context.js';
import { queryOf } from '../../http/query.js';
import { networkOf } from '../../http/rate-address.js';
import { sendResult } from '../../http/respond.js';
import { readableByCaller } from '../readable.js';

export const EventsQuerySchema = Type.Object(
  {
    after: Type.Optional(
      Type.String({
        pattern: '^(0|[1-9][0-9]{0,14})$',
        description: '`next` of the answer before',
        examples: ['42'],
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    namespace: Type.Optional(Type.String({ maxLength: 64 })),
    topic: Type.Optional(
      Type.Array(Type.Union(EVENT_TOPICS.map((topic) => Type.Literal(topic))), { maxItems: 32 }),
    ),
    wait: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 30, description: 'seconds to wait for an event' }),
    ),
  },
  { additionalProperties: false },
);
const readQuery = queryOf(EventsQuerySchema);
const DEFAULT_LIMIT = 100;

/** `GET /v1/events`: what the log has confirmed, in order, as far as the caller may read it. */
export function listEvents(deps: AppDeps): Handler {
  return async (ctx) => {
    const { after = '0', limit = DEFAULT_LIMIT, namespace, topic, wait = 0 } = readQuery(ctx);
    const readable = readableByCaller(ctx);
    const list = await readFeed(deps, {
      after: Number(after),
      limit,
      namespace,
      topics: topic,
      // The realm of a private namespace has its name.
      realms: readable === 'all' ? undefined : [PUBLIC_REALM, ...readable],
      waitMs: wait * 1000,
      gone: goneOf(ctx),
      network: networkOf(ctx.req, deps.rates.trustedHops),
    });
    sendResult(ctx, 200, list);
  };
}

function goneOf(ctx: RequestContext): AbortSignal {
  const gone = new AbortController();
  ctx.res.once('close', () => {
    gone.abort();
  });
  return gone.signal;
}
