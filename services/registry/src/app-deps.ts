import type { Logger } from 'pino';
import type { Db } from './db/connection.js';
import type { Failpoint } from './domain/failpoint.js';
import type { Gate } from './domain/gate.js';
import type { Sequencer } from './domain/log/sequencer.js';
import type { UploadBudget } from './domain/publish/upload-budget.js';
import type { ObjectStore } from './objects/port.js';

/** Everything the service is made of; built once, in `compose.ts` or by a test. */
export interface AppDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly sequencer: Sequencer;
  readonly uploads: UploadBudget;
  readonly searches: Gate;
  /** Host that statements are signed for. */
  readonly origin: string;
  readonly realm: string;
  /** C2SP verifier key of the log. */
  readonly verifierKey: string;
  readonly now: () => number;
  readonly log: Logger;
  readonly failpoint: Failpoint;
}
