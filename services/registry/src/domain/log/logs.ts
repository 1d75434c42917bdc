import type { Transaction } from 'kysely';
import { realmsThatWait } from '../../db/log-queries.js';
import type { Database } from '../../db/schema.js';
import { createLog, logOriginOf, logVerifierKeyOf, type LogSigner } from './realms.js';
import { createSequencer, type Sequencer, type SequencerDeps } from './sequencer.js';

/** The log of one realm. */
export interface RealmLog {
  readonly realm: string;
  /** `<host>/log/<realm>`: the name that its checkpoints begin with. */
  readonly origin: string;
  /** C2SP verifier key. */
  readonly verifierKey: string;
  readonly sequencer: Sequencer;
}

/** The logs of a registry, one for each realm. */
export interface Logs {
  get(realm: string): RealmLog;
  /** Gives a realm its empty log, unless it has one; see {@link createLog}. */
  create(trx: Transaction<Database>, realm: string): Promise<void>;
  /** Sequences what other processes left behind when they were killed, in every realm; called at start and every few seconds. */
  sweep(): Promise<void>;
}

export interface LogsDeps extends Omit<SequencerDeps, 'realm' | 'key'> {
  readonly signer: LogSigner;
  /** Told of a realm that could not be swept; the others are. */
  readonly onSweepFailure: (error: unknown, realm: string) => void;
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
            deps.onSweepFailure(error, realm);
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
  return {
    realm,
    origin: logOriginOf(deps.signer.origin, realm),
    verifierKey: logVerifierKeyOf(deps.signer, realm),
    sequencer: createSequencer({ ...deps, realm, key: deps.signer.key }),
  };
}
