import type { Transaction } from 'kysely';
import { realmsThatWait } from '../../db/log-queries.js';
import type { Database } from '../../db/schema.js';
import { createLog, logOriginOf, logVerifierKeyOf, type LogSigner } from './realms.js';
import { createSequencer, type Sequencer, type SequencerDeps, type SequencerReport } from './sequencer.js';
import type { ObjectStore } from '../../objects/port.js';
import { createForkGuard, type ForkGuard, type GuardReport } from './fork-guard.js';
import { LogFrozenError } from './frozen.js';

/** The log of one realm. */
export interface RealmLog {
  readonly realm: string;
  /** `<host>/log/<realm>`: the name that its checkpoints begin with. */
  readonly origin: string;
  /** C2SP verifier key. */
  readonly verifierKey: string;
  readonly sequencer: Sequencer;
  readonly guard: ForkGuard;
}

/** The logs of a registry, one for each realm. */
export interface Logs {
  get(realm: string): RealmLog;
  /** Gives a realm its empty log, unless it has one; see {@link createLog}. */
  create(trx: Transaction<Database>, realm: string): Promise<void>;
  /** Sequences what other processes left behind when they were killed, in every realm; called at start and every few seconds. */
  sweep(): Promise<void>;
}

export type LogReport =
  | SequencerReport
  | GuardReport
  /** A realm could not be swept; the others are. */
  | { readonly type: 'sweep_failed'; readonly realm: string; readonly error: unknown };

export interface LogsDeps extends Omit<SequencerDeps, 'realm' | 'key' | 'guard' | 'report'> {
  readonly objects: ObjectStore;
  readonly signer: LogSigner;
  readonly report: (report: LogReport) => void;
}

/** So many realms are remembered at once: a realm that is not in use costs nothing, however many there are. */
const MAX_REMEMBERED = 256;
const SWEEP_PAGE = 100;

export function createLogs(deps: LogsDeps): Logs {
  const remembered = new Map<string, RealmLog>();

  const get = (realm: string): RealmLog => {
    const log = remembered.get(realm) ?? open(deps, realm);
    // Moved to the end, so that the first is the one that was asked for longest ago. Forgetting one that still runs is
    // safe: a second sequencer of the same realm is like one in another process.
    remembered.delete(realm);
    remembered.set(realm, log);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= MAX_REMEMBERED) break;
      remembered.delete(oldest);
    }
    return log;
  };

  const sweep = async (): Promise<void> => {
    let after = '';
    for (;;) {
      const realms = await realmsThatWait(deps.db, after, SWEEP_PAGE);
      for (const realm of realms) {
        await get(realm)
          .sequencer.settle()
          .catch((error: unknown) => {
            // Told when it froze, and not again every few seconds.
            if (!(error instanceof LogFrozenError)) deps.report({ type: 'sweep_failed', realm, error });
          });
      }
      const last = realms.at(-1);
      if (last === undefined || realms.length < SWEEP_PAGE) return;
      after = last;
    }
  };

  return { get, create: (trx, realm) => createLog(trx, deps.signer, realm), sweep };
}

function open(deps: LogsDeps, realm: string): RealmLog {
  const { signer } = deps;
  const origin = logOriginOf(signer.origin, realm);
  const verifierKey = logVerifierKeyOf(signer, realm);
  const guard = createForkGuard({ ...deps, realm, origin, verifierKey });
  const sequencer = createSequencer({ ...deps, realm, key: signer.key, guard });
  return { realm, origin, verifierKey, sequencer, guard };
}
