import type { Logger } from 'pino';
import { insertAudit } from '../../db/audit-queries.js';
import type { Db } from '../../db/connection.js';
import {
  dueDeliveries,
  recordDelivered,
  recordFailed,
  type Attempt,
  type DeliveryShares,
  type DueDelivery,
} from '../../db/delivery-queries.js';
import { disableWebhook } from '../../db/webhook-queries.js';
import { describeError } from '../../describe-error.js';
import { toEvent } from '../../domain/events/document.js';
import { requestOfEvent } from '../../db/trace-queries.js';
import type { Failpoint } from '../../domain/failpoint.js';
import { DISABLED_AFTER_MS, nextAttemptMs, pauseMs } from '../../domain/webhooks/pace.js';
import { describeUnanswered } from '../../domain/webhooks/unanswered.js';
import { signatureHeaders } from '../../domain/webhooks/secret.js';
import { WebhookRefusedError, type SendWebhook, type WebhookAnswer } from '../../domain/webhooks/send.js';
import type { Metrics } from '../../observability/metrics.js';
import { formatTraceparent, spanOfRequestId } from '../../observability/trace-context.js';
import { noTracer, type Span, type Tracer } from '../../observability/tracer.js';
import type { Job } from '../job.js';

export interface DeliverDeps {
  readonly db: Db;
  readonly send: SendWebhook;
  readonly metrics: Pick<Metrics, 'webhook'>;
  readonly tracer?: Tracer;
  readonly log: Logger;
  readonly now: () => number;
  readonly elapsedMs: () => number;
  readonly random: () => number;
  readonly failpoint?: Failpoint | undefined;
}

/** So many endpoints are sent to at once; to each of them one message at a time. */
const SHARES: DeliveryShares = { all: 32, ofNamespace: 4, ofCreator: 12 };
const LOOK_EVERY_MS = 250;
const USER_AGENT = 'sheaf-registry-webhook/1';

/**
 * Sends what is due, to each endpoint one message at a time. What was sent and not written down, because the process was
 * killed in between, is sent again with the same `webhook-id`.
 */
export function deliverJob(deps: DeliverDeps): Job {
  return {
    name: 'webhook-deliveries',
    everyMs: 1_000,
    run: async (signal) => {
      const busy = new Map<string, Promise<void>>();
      const failures: unknown[] = [];
      while (!signal.aborted && failures.length === 0) {
        const due = await dueDeliveries(deps.db, [...busy.keys()], SHARES);
        for (const delivery of due) {
          const sending = deliverTraced(deps, delivery)
            .catch((error: unknown) => failures.push(error))
            .then(() => {
              busy.delete(delivery.webhookId);
            });
          busy.set(delivery.webhookId, sending);
        }
        if (busy.size === 0) break;
        await soonerOf([...busy.values()], LOOK_EVERY_MS);
      }
      await Promise.all(busy.values());
      if (failures.length > 0) throw failures[0];
      return undefined;
    },
  };
}

/** One attempt, in a span that belongs to the request that the event goes back to. */
async function deliverTraced(deps: DeliverDeps, delivery: DueDelivery): Promise<void> {
  const { db, tracer = noTracer } = deps;
  if (tracer === noTracer) return deliver(deps, delivery);
  const requestId = await requestOfEvent(db, delivery.event);
  const parent = requestId === undefined ? undefined : spanOfRequestId(requestId);
  return tracer.span('webhook.deliver', { kind: 'client', parent }, (span) => deliver(deps, delivery, span));
}

/** One attempt, from the row to the row. */
async function deliver(deps: DeliverDeps, delivery: DueDelivery, span?: Span): Promise<void> {
  const { db, metrics, now, elapsedMs } = deps;
  const body = Buffer.from(JSON.stringify(toEvent(delivery.event)));
  const message = { id: delivery.id, timeSeconds: Math.floor(now() / 1000), body };
  const headers = {
    'content-type': 'application/json',
    'user-agent': USER_AGENT,
    ...signatureHeaders(message, delivery.secrets),
    ...(span && { traceparent: formatTraceparent(span.context) }),
  };
  let answer: WebhookAnswer | undefined;
  let error: unknown;
  const startedMs = elapsedMs();
  await deps.failpoint?.('webhook.before_send');
  try {
    answer = await deps.send({ url: delivery.url, headers, body });
  } catch (thrown) {
    error = thrown;
  }
  await deps.failpoint?.('webhook.after_send');
  if (error !== undefined)
    deps.log.info({ webhook: delivery.webhookId, error: describeError(error) }, 'a webhook was not reached');
  const isDelivered = answer !== undefined && answer.status >= 200 && answer.status < 300;
  const attempt: Attempt = {
    status: answer?.status ?? null,
    error: isDelivered ? null : describeFailure(answer, error),
    response: answer === undefined || answer.response.length === 0 ? null : answer.response,
    durationMs: Math.round(elapsedMs() - startedMs),
  };
  span?.set({ 'sheaf.webhook.attempt': delivery.attempts + 1, 'sheaf.event.topic': delivery.event.topic });
  if (!isDelivered) span?.fail();
  if (isDelivered) {
    await recordDelivered(db, delivery, attempt);
    metrics.webhook('delivered');
    return;
  }
  await fail(deps, delivery, attempt, answer, error instanceof WebhookRefusedError);
}

/** HTTP 410: the endpoint is gone for good (Standard Webhooks 1.0, "Operational considerations"). */
const GONE = 410;

async function fail(
  { db, metrics, log, random }: DeliverDeps,
  delivery: DueDelivery,
  attempt: Attempt,
  answer: WebhookAnswer | undefined,
  isRefused: boolean,
): Promise<void> {
  const isGone = attempt.status === GONE;
  const retryInMs = isGone ? undefined : nextAttemptMs(delivery.attempts + 1, random(), answer?.retryAfterMs);
  await db.transaction().execute(async (trx) => {
    const endpoint = await recordFailed(trx, delivery, attempt, retryInMs, pauseMs);
    const isHopeless = endpoint !== undefined && endpoint.failingForMs >= DISABLED_AFTER_MS;
    if (!isGone && !isHopeless) return;
    const reason = isGone
      ? 'the endpoint answered 410 Gone'
      : `every delivery has failed for ${Math.floor(DISABLED_AFTER_MS / 86_400_000)} days`;
    if (!(await disableWebhook(trx, delivery.webhookId, reason))) return;
    log.warn({ webhook: delivery.webhookId, reason }, 'a webhook was stopped');
    await insertAudit(trx, {
      principal: null,
      requestId: null,
      action: 'webhook.disable',
      ...(delivery.namespace !== null && { namespace: delivery.namespace }),
      detail: { webhook: delivery.webhookId, reason },
    });
  });
  metrics.webhook(isRefused ? 'refused' : retryInMs === undefined ? 'dead' : 'failed');
}

function describeFailure(answer: WebhookAnswer | undefined, error: unknown): string {
  if (answer !== undefined) return `the endpoint answered ${answer.status}`;
  return describeUnanswered(error);
}

async function soonerOf(sendings: readonly Promise<void>[], ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const time = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([...sendings, time]);
  clearTimeout(timer);
}
