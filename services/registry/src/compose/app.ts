import type { AppDeps } from '../app-deps.js';
import type { ServerConfig } from '../config/server.js';
import type { EventWaker } from '../domain/events/waker.js';
import { createGate } from '../domain/gate.js';
import { createRecorder } from '../domain/publish/recorder.js';
import { createUploadBudget } from '../domain/publish/upload-budget.js';
import { createCommonWords } from '../domain/search/common-words.js';
import { createRenderedDocuments } from '../domain/standing/rendered.js';
import type { Operations } from '../operations.js';
import type { Base } from './base.js';
import type { OpenedReads } from './reads.js';
import type { OpenedSearch } from './search.js';
import { createSignIn } from './sign-in.js';
import { createTrusted } from './trusted.js';
import type { Assets } from '../web/assets/assets.js';

/** Memory for uploads in progress. */
const UPLOAD_BUDGET_BYTES = 256 * 1024 * 1024;

type Opened = OpenedReads & OpenedSearch & { readonly events: EventWaker; readonly assets: Assets };

/** Everything the application is made of. */
export function createAppDeps(
  base: Base,
  { reads, rates, searchDb, events, assets }: Opened,
  operations: Operations,
): AppDeps {
  const { config, log, now, elapsedMs, objects, identity, failpoint } = base;
  return {
    db: base.database.db,
    hotDb: base.database.hotDb,
    objects,
    logs: base.logs.logs,
    uploads: createUploadBudget(UPLOAD_BUDGET_BYTES),
    recorder: createRecorder({
      db: base.database.db,
      hotDb: base.database.hotDb,
      hotConnections: base.database.hotConnections,
      logs: base.logs.logs,
      limits: config.limits,
    }),
    limits: config.limits,
    rendered: createRenderedDocuments(),
    reads,
    rates,
    assets,
    events,
    webhookNetworks: config.jobs.webhookAllow,
    searchDb,
    searches: createGate({
      capacity: config.search.connections,
      maxWaiting: 100,
      what: 'searches',
    }),
    commonWords: createCommonWords(),
    origin: identity.origin,
    isMirror: base.isMirror,
    witnesses: config.log.witnesses.map(({ verifier }) => verifier.text),
    cliLatest: cliLatestOf(config.server, operations),
    signIn: createSignIn(config.signIn, { now, elapsedMs, log }),
    trusted: createTrusted(config.trusted, { now, elapsedMs, log, origin: identity.origin }),
    now,
    elapsedMs,
    log,
    metrics: base.observability.metrics,
    tracer: base.observability.tracer,
    operations,
    failpoint,
  };
}

function cliLatestOf({ cliLatest }: ServerConfig, { version }: Operations): string | undefined {
  return cliLatest === 'none' ? undefined : (cliLatest ?? version);
}
