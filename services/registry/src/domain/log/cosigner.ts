import {
  closeNote,
  findNewestNote,
  listCosignatures,
  storeCosignature,
} from '../../db/cosignature-queries.js';
import type { Db } from '../../db/connection.js';
import {
  askWitness,
  type AskedCheckpoint,
  type SubmitCheckpoint,
  WitnessFailure,
  type WitnessEndpoint,
} from './ask-witness.js';
import { createWitnessPace, type WitnessPace } from './witness-pace.js';

/** What an operator should know of the witnesses. None of it holds up a publish. */
export type WitnessReport =
  /** Told when a witness begins to fail, not each time that it fails again. */
  | { readonly type: 'failed'; readonly witness: string; readonly realm: string; readonly error: unknown }
  | { readonly type: 'recovered'; readonly witness: string; readonly realm: string }
  /** It answers, but takes so long that publishes do not wait for it until it is quick again. */
  | {
      readonly type: 'slow';
      readonly witness: string;
      readonly realm: string;
      readonly medianMs: number;
    }
  | { readonly type: 'quick'; readonly witness: string; readonly realm: string }
  /** Cosignatures could not be read or written. */
  | { readonly type: 'unsaved'; readonly realm: string; readonly error: unknown };

export interface CosignerDeps {
  readonly db: Db;
  readonly witnesses: readonly WitnessEndpoint[];
  /** Realms whose checkpoints witnesses are shown. */
  readonly realms: readonly string[];
  readonly submit: SubmitCheckpoint;
  /** Milliseconds since some moment, by a clock that nobody sets. */
  readonly now: () => number;
  /** Longest that a publish waits for all witnesses together. One that mostly takes more than 15 % of it is not waited for again. */
  readonly deadlineMs: number;
  readonly report: (report: WitnessReport) => void;
}

/** Has the checkpoints of the log cosigned. */
export interface Cosigner {
  /** How long the note of a new checkpoint stays open for cosignatures; 0 for a realm that is shown to no witness. */
  openForMs(realm: string): number;
  /** Asks every witness that works, and is not slow, to cosign a new checkpoint, and closes its note. Never rejects, and ends in time. */
  afterAppend(signed: AskedCheckpoint & { readonly realm: string }): Promise<void>;
  /** Asks for what is missing on the newest checkpoint, also of witnesses that failed; called every few seconds. Never rejects. */
  tend(): Promise<void>;
  /** Gives up what it waits for. */
  stop(): Promise<void>;
}

/** A witness that failed is left alone for so long, and asked again in the background before a publish waits for it. */
const RETRY_AFTER_MS = 30_000;
const BACKGROUND_TIMEOUT_MS = 10_000;
/** A client may ask that a witness has seen the checkpoint lately: it is cosigned again when nothing is published. */
const REFRESH_AFTER_MS = 15 * 60_000;
/** Copying the checkpoint before, and writing down what the witnesses said after, take time as well, for it and the one before it. */
const CLOSING_MS = 6_000;

/** Part of the deadline that a witness may take most of the time; one that is slower is asked in the background only. */
const BUDGET = 0.15;

interface WitnessState {
  /** Size of what it cosigned last, as far as is known. */
  size: number | undefined;
  /** When it cosigned last, by our clock. */
  cosignedAtMs: number;
  /** Set while it fails: when it is asked again. */
  retryAtMs: number | undefined;
  readonly pace: WitnessPace;
  /** Set while it takes longer than publishes wait for it each time. */
  isSlow: boolean;
}

export function createCosigner(deps: CosignerDeps): Cosigner {
  const { db, realms, report } = deps;
  const states = new Map<string, WitnessState>();
  const stopped = new AbortController();
  let tending: Promise<void> | undefined;

  const stateOf = (realm: string, { verifier }: WitnessEndpoint): WitnessState => {
    const key = `${realm} ${verifier.text}`;
    const state = states.get(key) ?? {
      size: undefined,
      cosignedAtMs: Number.NEGATIVE_INFINITY,
      retryAtMs: undefined,
      pace: createWitnessPace(),
      isSlow: false,
    };
    states.set(key, state);
    return state;
  };

  /** Sends, and notes how long the witness took: reading a proof and writing down the answer are not its time. */
  const submitTimed =
    (realm: string, state: WitnessState): SubmitCheckpoint =>
    async (witness, body, signal) => {
      const startedAt = deps.now();
      try {
        return await untilAborted(deps.submit(witness, body, signal), signal);
      } finally {
        if (!stopped.signal.aborted) notePace(realm, witness, state, deps.now() - startedAt);
      }
    };

  const notePace = (realm: string, witness: WitnessEndpoint, state: WitnessState, tookMs: number): void => {
    state.pace.add(tookMs);
    const medianMs = state.pace.medianMs() ?? 0;
    const isSlow = medianMs > deps.deadlineMs * BUDGET;
    if (isSlow === state.isSlow) return;
    state.isSlow = isSlow;
    const { name } = witness.verifier;
    report(
      isSlow ? { type: 'slow', witness: name, realm, medianMs } : { type: 'quick', witness: name, realm },
    );
  };

  /** Asks one witness, and keeps what it cosigned. Returns its line, or undefined when there is none for this checkpoint. */
  const ask = async (
    realm: string,
    witness: WitnessEndpoint,
    checkpoint: AskedCheckpoint,
    signal: AbortSignal,
  ): Promise<string | undefined> => {
    const state = stateOf(realm, witness);
    const { name, text } = witness.verifier;
    try {
      const submit = submitTimed(realm, state);
      const asked = askWitness({ db, realm, submit }, witness, checkpoint, state.size ?? 0, signal);
      const reply = await untilAborted(asked, signal);
      if (reply.kind === 'ahead') await assertNotBehind(realm, reply.size);
      state.size = reply.kind === 'ahead' ? reply.size : checkpoint.size;
      if (state.retryAtMs !== undefined) report({ type: 'recovered', witness: name, realm });
      state.retryAtMs = undefined;
      if (reply.kind === 'ahead') return undefined;
      state.cosignedAtMs = deps.now();
      const { line, timeSeconds: time } = reply;
      await storeCosignature(db, realm, { witness: text, size: checkpoint.size, time, line });
      return line;
    } catch (error) {
      if (stopped.signal.aborted) return undefined;
      if (state.retryAtMs === undefined) report({ type: 'failed', witness: name, realm, error });
      state.retryAtMs = deps.now() + RETRY_AFTER_MS;
      // It is asked afresh what it holds.
      state.size = undefined;
      return undefined;
    }
  };

  /** Another process may have appended more by now; if none has, the database is older than what the witness saw. */
  const assertNotBehind = async (realm: string, witnessSize: number): Promise<void> => {
    const newest = await findNewestNote(db, realm);
    if (newest && newest.size >= witnessSize) return;
    throw new WitnessFailure(
      'contradicted',
      `the witness has cosigned ${witnessSize} leaves, more than the log has: is the database an older one?`,
    );
  };

  const tendRealm = async (realm: string): Promise<void> => {
    const newest = await findNewestNote(db, realm);
    // While the note is open somebody is asking already.
    if (!newest || (newest.openForMs ?? 0) > 0) return;
    const stored = new Map((await listCosignatures(db, realm)).map((one) => [one.witness, one.size]));
    const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(BACKGROUND_TIMEOUT_MS)]);
    await Promise.all(
      deps.witnesses.map(async (witness) => {
        const state = stateOf(realm, witness);
        const storedSize = stored.get(witness.verifier.text);
        const isOld = deps.now() - state.cosignedAtMs > REFRESH_AFTER_MS;
        const isDue =
          state.retryAtMs === undefined ? isOld || storedSize !== newest.size : deps.now() >= state.retryAtMs;
        state.size ??= storedSize;
        if (isDue) await ask(realm, witness, newest, signal);
      }),
    );
  };

  const tendAll = async (): Promise<void> => {
    for (const realm of realms) {
      await tendRealm(realm).catch((error: unknown) => {
        report({ type: 'unsaved', realm, error });
      });
    }
  };

  const isShown = (realm: string) => deps.witnesses.length > 0 && realms.includes(realm);

  return {
    // The witnesses may still be asked about the checkpoint before it.
    openForMs: (realm) => (isShown(realm) ? 2 * deps.deadlineMs + CLOSING_MS : 0),
    afterAppend: async (signed) => {
      const { realm, size } = signed;
      if (!isShown(realm)) return;
      const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(deps.deadlineMs)]);
      const working = deps.witnesses.filter((w) => {
        const { retryAtMs, isSlow } = stateOf(realm, w);
        return retryAtMs === undefined && !isSlow;
      });
      const lines = await Promise.all(working.map((w) => ask(realm, w, signed, signal)));
      const given = lines.filter((line) => line !== undefined);
      await closeNote(db, realm, size, given).catch((error: unknown) => {
        report({ type: 'unsaved', realm, error });
      });
    },
    tend: () => {
      tending ??= tendAll().finally(() => {
        tending = undefined;
      });
      return tending;
    },
    stop: async () => {
      stopped.abort();
      await tending;
    },
  };
}

/** Rejects when the signal does, whatever the work is waiting for. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(new WitnessFailure('unreachable', 'the witness did not answer in time', signal.reason));
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}
