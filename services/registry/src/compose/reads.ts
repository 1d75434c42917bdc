import { startListener } from '../db/listener.js';
import { listRequestLimits } from '../db/rate-queries.js';
import { describeError } from '../describe-error.js';
import { createReads } from '../domain/reads/create-reads.js';
import type { Reads } from '../domain/reads/reads.js';
import { findTouch } from '../domain/reads/touch.js';
import { createRateLimiter } from '../http/rate-limiter.js';
import type { Rates } from '../http/rate-limit.js';
import type { Base } from './base.js';
import type { Closable } from './close-stack.js';
import { startTicking } from './tick.js';

/** Download counts reach the database so often, and at the end. */
const COUNT_INTERVAL_MS = 5_000;
/** A limit that an administrator has set holds after so long at the latest. */
const LIMITS_INTERVAL_MS = 10_000;
/** So long after midnight (UTC) at the latest what follows from the day is made anew. */
const DAY_INTERVAL_MS = 60_000;
const DAY_MS = 86_400_000;

export interface OpenedReads extends Closable {
  readonly reads: Reads;
  readonly rates: Rates;
}

/** What answers reads from memory, kept current by what the database tells, and the limits on how many there are. */
export function openReads(base: Base): OpenedReads {
  const { config, log, now, elapsedMs, objects, database, observability } = base;
  const reads = createReads(
    {
      db: database.db,
      objects,
      now,
      elapsedMs,
      onLookup: (name, outcome) => {
        observability.metrics.cache(name, outcome);
      },
    },
    { ...config.reads, renderings: Math.ceil(config.database.connections / 2) },
  );
  const listener = startListener({
    url: database.url,
    onNotification: (payload) => {
      // What is not understood, such as from a newer version, may bear on anything.
      const touch = findTouch(payload);
      if (touch) reads.touch([touch]);
      else reads.forgetAnswers();
    },
    // What changed while nobody listened is unknown. Until then what is held is served on: better old than nothing.
    onListening: () => {
      reads.forgetAnswers();
    },
    onLost: (error) => {
      log.warn({ error: describeError(error) }, 'changes are not heard of until the database answers');
    },
  });
  const flush = () =>
    reads.downloads.flush().catch((error: unknown) => {
      log.warn({ error: describeError(error) }, 'downloads could not be counted yet');
    });
  const counting = startTicking(COUNT_INTERVAL_MS, flush);
  let day = dayOf(now());
  const watching = startTicking(DAY_INTERVAL_MS, () => {
    if (dayOf(now()) !== day) reads.touch([{ isNewDay: true }]);
    day = dayOf(now());
    return Promise.resolve();
  });
  let overrides: ReadonlyMap<string, number> = new Map();
  const learnLimits = async () => {
    // Until the database answers those that are known hold.
    overrides = await listRequestLimits(database.db).catch(() => overrides);
  };
  void learnLimits();
  const learning = startTicking(LIMITS_INTERVAL_MS, learnLimits);
  const { token, namespace } = config.limits;
  return {
    reads,
    rates: {
      limiter: createRateLimiter(elapsedMs),
      perAddress: config.reads.requestsPerMinute,
      perToken: (id) => overrides.get(`token:${id}`) ?? token.requestsPerMinute,
      perNamespace: (name) => overrides.get(`namespace:${name}`) ?? namespace.requestsPerMinute,
      trustedHops: config.reads.trustedHops,
      onLimited: (kind) => {
        observability.metrics.rateLimited(kind);
      },
    },
    close: async () => {
      await listener.close();
      await watching.close();
      await learning.close();
      await counting.close();
      await flush();
    },
  };
}

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}
