import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { findReadiness, type Found } from '../../domain/readiness/readiness.js';
import type { Handler } from '../../http/context.js';
import { queryOf } from '../../http/query.js';
import { limitProbes } from '../../http/rate-limit.js';
import { sendResult } from '../../http/respond.js';

export const ReadinessQuerySchema = Type.Object({
  /** Ready means only that this process takes requests, though what is behind it may be down. */
  degraded: Type.Optional(Type.Boolean({ default: false })),
});

const readQuery = queryOf(ReadinessQuerySchema);
/** However often it is asked, the parts are looked at once in so long. */
const LOOK_EVERY_MS = 1_000;

/** `GET /healthz`: the process answers. */
export function showHealth(): Handler {
  return (ctx) => {
    sendResult(ctx, 200, { status: 'ok' });
    return Promise.resolve();
  };
}

/** `GET /readyz?degraded`: whether requests may be sent here, and of each part what is wrong and what to do. */
export function showReadiness(deps: AppDeps): Handler {
  const { elapsedMs } = deps;
  const startedMs = elapsedMs();
  const look = shared(
    () => findReadiness({ ...deps, upForMs: elapsedMs() - startedMs }),
    LOOK_EVERY_MS,
    elapsedMs,
  );
  return async (ctx) => {
    limitProbes(deps.rates, ctx);
    const { degraded = false } = readQuery(ctx);
    if (deps.operations.isStopping())
      throw new RegistryError('service.stopping', 'the process stops and takes no more requests');
    const { readiness, code } = await look();
    if (code !== undefined && !degraded) throw notReady(code, readiness.faults);
    sendResult(ctx, 200, readiness);
  };
}

function notReady(code: NonNullable<Found['code']>, faults: Found['readiness']['faults']): RegistryError {
  return new RegistryError(code, faults[0]?.detail ?? 'a part of the service is down', {
    errors: faults.map(({ part, detail, remedy }) => ({ pointer: `/${part}`, code, detail, hint: remedy })),
  });
}

/** One call for all who ask while it lasts or soon after; never two at a time. */
function shared<T>(call: () => Promise<T>, forMs: number, elapsedMs: () => number): () => Promise<T> {
  let held: { readonly answer: Promise<T>; endedMs?: number } | undefined;
  return () => {
    const nowMs = elapsedMs();
    if (held && nowMs - (held.endedMs ?? nowMs) < forMs) return held.answer;
    const latest: { readonly answer: Promise<T>; endedMs?: number } = {
      answer: call().finally(() => {
        latest.endedMs = elapsedMs();
      }),
    };
    held = latest;
    return latest.answer;
  };
}
