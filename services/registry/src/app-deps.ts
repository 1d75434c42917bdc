import type { Logger } from 'pino';
import type { Db } from './db/connection.js';
import type { SearchDatabase } from './db/search-database.js';
import type { Failpoint } from './domain/failpoint.js';
import type { Gate } from './domain/gate.js';
import type { EventWaker } from './domain/events/waker.js';
import type { SignInSettings } from './domain/identity/sign-in.js';
import type { Logs } from './domain/log/logs.js';
import type { LimitsConfig } from './config/limits.js';
import type { Recorder } from './domain/publish/recorder.js';
import type { UploadBudget } from './domain/publish/upload-budget.js';
import type { Reads } from './domain/reads/reads.js';
import type { CommonWords } from './domain/search/common-words.js';
import type { TrustedIssuers } from './domain/trusted/identity-token.js';
import type { RenderedDocuments } from './domain/standing/rendered.js';
import type { Networks } from './domain/webhooks/addresses.js';
import type { Rates } from './http/rate-limit.js';
import type { ObjectStore } from './objects/port.js';
import type { Metrics } from './observability/metrics.js';
import type { Tracer } from './observability/tracer.js';
import type { Operations } from './operations.js';
import type { Assets } from './web/assets/assets.js';

/** Everything the service is made of; built once, in `compose.ts` or by a test. */
export interface AppDeps {
  readonly db: Db;
  /** The same database, over connections that plan each statement once: for what every publish and every request needs. */
  readonly hotDb: Db;
  readonly objects: ObjectStore;
  readonly logs: Logs;
  readonly uploads: UploadBudget;
  readonly recorder: Recorder;
  readonly limits: LimitsConfig;
  readonly searchDb: SearchDatabase;
  readonly searches: Gate;
  readonly commonWords: CommonWords;
  readonly rendered: RenderedDocuments;
  /** What is answered from memory. */
  readonly reads: Reads;
  readonly rates: Rates;
  /** What pages load beside their HTML. */
  readonly assets: Assets;
  /** Wakes those who wait for the next event. */
  readonly events: EventWaker;
  /** Networks that webhooks may be in beside the public internet. */
  readonly webhookNetworks: Networks;
  /** Host that statements are signed for. */
  readonly origin: string;
  /** Whether it only serves what was imported from that origin. */
  readonly isMirror: boolean;
  /** C2SP verifier keys of the witnesses that cosign its checkpoints; none when it asks none. */
  readonly witnesses: readonly string[];
  /** The newest version of the command line that it tells of; undefined for none. */
  readonly cliLatest: string | undefined;
  readonly signIn: SignInSettings;
  /** Whose identity tokens CI jobs may publish with. */
  readonly trusted: TrustedIssuers;
  /** Milliseconds since the epoch, by a clock that may be set. */
  readonly now: () => number;
  /** Milliseconds since some moment, by a clock that nobody sets: how long something took, or counts. */
  readonly elapsedMs: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  readonly operations: Operations;
  readonly failpoint: Failpoint;
}
