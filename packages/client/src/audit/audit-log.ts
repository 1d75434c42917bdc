import { appendToTiles, type Standing, type WitnessPolicy } from '@sheaf/bundle';
import type { Namespace } from '@sheaf/workflow';
import { assertGoesOn, leaveOnAbort } from '../cancelled.js';
import { rememberTiles, type FetchTile } from '../consistency.js';
import { logOriginOf, logVerifierFor, type Pin } from '../pin.js';
import { checkKept, checkNewest, checkWitnessed } from './audit-checkpoint.js';
import { auditChunk, type Progress } from './audit-chunk.js';
import type { AuditEvent } from './audit-event.js';
import { createAuditState, type AuditState } from './audit-state.js';
import type { AuditStore } from './audit-store.js';
import { unreported } from './audit-violation.js';
import type { FetchEntries } from './entries.js';
import type { FetchKeyHistory } from './signed-events.js';

/** What each question of an audit has besides: a signal, aborted when nobody waits for the answer any more. */
export interface AuditQuestion {
  readonly signal: AbortSignal;
}

/** What an audit reads, and where it remembers. The methods of a `RegistryClient` for the public log are such as they are. */
export interface AuditDeps {
  /** The log's newest signed note. */
  readonly getCheckpoint: (options: AuditQuestion) => Promise<string>;
  /** The first `width` hashes of a tile, see {@link FetchTile}. */
  readonly fetchTile: (
    level: number,
    index: number,
    width: number,
    options: AuditQuestion,
  ) => Promise<Uint8Array>;
  /** The first `width` entries of a bundle, see {@link FetchEntries}. */
  readonly fetchEntries: (index: number, width: number, options: AuditQuestion) => Promise<Uint8Array>;
  /** For the namespaces that are watched; without it, who signed a key event is the registry's word. */
  readonly fetchKeyHistory?:
    ((namespace: Namespace, options: AuditQuestion) => Promise<Standing>) | undefined;
  readonly store: AuditStore;
}

/** Which log is audited, and what is demanded of it. */
export interface AuditTarget {
  readonly pin: Pick<Pin, 'origin' | 'logKey'>;
  /** `public`, or a private namespace. */
  readonly realm: string;
  /** Whose cosignatures the newest checkpoint must have. */
  readonly witnesses?: WitnessPolicy | undefined;
  /** Namespaces whose key events are held against what their keys have signed. */
  readonly watched?: ReadonlySet<string> | undefined;
  /** Audits every entry again; what was seen of the log before still counts. */
  readonly fromStart?: boolean | undefined;
  /** Entries that are proven and judged together, a multiple of 256; 8,192 unless given. */
  readonly chunkEntries?: number | undefined;
}

const CHUNK_ENTRIES = 8192;
/** Entries that a registry answers at a time. */
const CHUNK_UNIT = 256;

/** What one catching up takes beside the target. */
export interface CatchUpOptions {
  /** The newest note that somebody else has verified, such as the one that is pinned. */
  readonly pinned?: string | null | undefined;
  /** Told of every entry, in order, once it is proven and judged; waited for. */
  readonly onEvent?: ((event: AuditEvent) => void | Promise<void>) | undefined;
  /** Ends it with `operation.cancelled`. What is judged by then stays judged. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a log is audited. */
export interface AuditResult {
  /** Entries that were judged this time. */
  readonly entries: number;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** The signed note. */
  readonly note: string;
  /** Namespaces in the log. */
  readonly namespaces: number;
  /** Entries that were refused so far, every one of them reported by the audit that met it. */
  readonly refused: number;
}

/** A monitor of one log. */
export interface LogAudit {
  /**
   * Audits what the log has gained: the newest checkpoint is signed by the pinned key and extends all that was seen;
   * every entry is in its tree; every leaf is what its namespace's chain, keys and releases allow. A leaf that its keys
   * or releases do not allow is reported once, when all of the log is audited, and hides nothing that comes after it; a
   * log or a chain that contradicts itself ends the audit, and the next one meets it again.
   *
   * @throws ClientError with `verification` and the contradicting documents: `log.fork`, `log.rollback`,
   *   `log.unproven`, a code of `audit.…`, or of a checkpoint; `witness.quorum`, `witness.signature`; `trust.unusable` for its own
   *   files, `operation.cancelled`; what the functions throw that it was given
   */
  readonly catchUp: (options?: CatchUpOptions) => Promise<AuditResult>;
}

/** Opens an audit of one log: it goes on where the store says that it ended, and can be caught up as often as wanted. @throws RangeError for `chunkEntries` */
export function openLogAudit(deps: AuditDeps, target: AuditTarget): LogAudit {
  const { realm, chunkEntries = CHUNK_ENTRIES } = target;
  if (!Number.isInteger(chunkEntries / CHUNK_UNIT) || chunkEntries <= 0)
    throw new RangeError(`chunkEntries must be a multiple of ${CHUNK_UNIT}, and is ${chunkEntries}`);
  const log = { origin: logOriginOf(target.pin.origin, realm), verifier: logVerifierFor(target.pin, realm) };
  const watched = target.watched ?? new Set<string>();
  let kept: AuditState | undefined;
  let startOver = target.fromStart === true;

  const load = async () => (startOver ? undefined : await deps.store.find()) ?? createAuditState();

  return {
    async catchUp({ pinned = null, onEvent = () => undefined, signal } = {}) {
      const ask = askUntil(deps, signal);
      const state = (kept ??= await load());
      const before = state.size;
      const fetchTile = rememberTiles(ask.fetchTile);
      const seen = [state.note, pinned, await deps.store.findNote()];
      const newest = await checkNewest(log, await ask.getCheckpoint(), seen, fetchTile);
      if (target.witnesses !== undefined) await checkWitnessed(target.witnesses, target.pin, newest);
      const progress = { unsaved: 0, broken: false };
      try {
        let { root } = appendToTiles(state.size, state.edge, []);
        while (state.size < newest.size) {
          root = await auditChunk(
            { ...ask, registry: target.pin.origin, watched },
            {
              state,
              newest,
              realm,
              chunkEntries,
              fetchTile,
              onEvent: (event) => {
                assertGoesOn(signal);
                const told = onEvent(event);
                return told instanceof Promise ? leaveOnAbort([signal], () => told) : told;
              },
              progress,
            },
          );
          // Each time a larger part, so that all that is written grows with the log and not with its square.
          if (state.size < newest.size && progress.unsaved >= Math.max(chunkEntries, state.size / 4))
            await save(deps.store, state, progress);
        }
        state.note = newest.note;
        const violation = unreported(state.violations, newest.note);
        state.violations.reported = state.violations.count;
        await deps.store.save(state);
        await checkKept(log, newest, await deps.store.findNote(), fetchTile);
        startOver = false;
        if (violation !== undefined) throw violation;
        const { note } = newest;
        return {
          entries: state.size - before,
          size: state.size,
          root,
          note,
          namespaces: state.namespaces.size,
          refused: state.violations.count,
        };
      } catch (error) {
        kept = undefined;
        if (!progress.broken && progress.unsaved > 0) await save(deps.store, state, progress);
        throw error;
      }
    },
  };
}

/** The questions of one catching up, none of which is waited for once it is cancelled. */
function askUntil(
  { getCheckpoint, fetchTile, fetchEntries, fetchKeyHistory }: AuditDeps,
  signal: AbortSignal | undefined,
) {
  const ask = <T>(question: (options: AuditQuestion) => Promise<T>) =>
    leaveOnAbort([signal], (own) => question({ signal: own }));
  return {
    getCheckpoint: () => ask((o) => getCheckpoint(o)),
    fetchTile: (...at: Parameters<FetchTile>) => ask((o) => fetchTile(...at, o)),
    fetchEntries: (...at: Parameters<FetchEntries>) => ask((o) => fetchEntries(...at, o)),
    fetchKeyHistory:
      fetchKeyHistory && ((...of: Parameters<FetchKeyHistory>) => ask((o) => fetchKeyHistory(...of, o))),
  };
}

async function save(store: AuditStore, state: AuditState, progress: Progress): Promise<void> {
  progress.unsaved = 0;
  await store.save(state);
}
