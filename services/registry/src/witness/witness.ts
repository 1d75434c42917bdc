import {
  BundleError,
  type Checkpoint,
  cosignCheckpoint,
  type LogVerifier,
  openNote,
  parseAddCheckpoint,
  parseCheckpoint,
  type SigningKey,
  verifyConsistency,
} from '@sheaf/bundle';
import { createHash } from 'node:crypto';
import { type Refusal, tellOnce } from './refusals.js';
import { createTurns } from './turns.js';

/** The newest checkpoint of a log that the witness has cosigned. */
export interface WitnessedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** The checkpoint with the log's own signature; what others signed was dropped. */
  readonly note: string;
  /** When it was cosigned last, in seconds since the epoch. */
  readonly timeSeconds: number;
}

/** Where a witness keeps what it has cosigned. */
export interface WitnessStore {
  find(origin: string): Promise<WitnessedCheckpoint | undefined>;
  /** When it resolves, the checkpoint is on the disk; when it rejects, it may be there or not. */
  save(witnessed: WitnessedCheckpoint): Promise<void>;
}

/** What a log gets for a checkpoint. */
export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly line: string }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'unknown_log' }
  | { readonly kind: 'unsigned' }
  /** The witness holds another checkpoint than the log thinks. */
  | { readonly kind: 'conflict'; readonly size: number }
  | { readonly kind: 'inconsistent' }
  /** Too many requests wait for the same log. */
  | { readonly kind: 'busy' };

export interface WitnessDeps {
  readonly name: string;
  readonly key: SigningKey;
  /** Keys of the logs that it knows, one or more for each origin. */
  readonly logs: readonly LogVerifier[];
  readonly store: WitnessStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told once of each pair of sizes. */
  readonly onRefusal: (refusal: Refusal) => void;
}

export interface Witness {
  /** Answers the body of an `add-checkpoint` request (C2SP tlog-witness). */
  addCheckpoint(body: string): Promise<WitnessAnswer>;
}

const EMPTY_ROOT = createHash('sha256').digest();
const MAX_WAITING = 64;

/**
 * A witness: it cosigns a checkpoint of a log that it knows when the checkpoint extends the one it cosigned before,
 * and never two roots of one size. What it signs is on the disk before anybody gets it, requests for one log are
 * taken one after the other, and its time never runs backwards.
 */
export function createWitness(deps: WitnessDeps): Witness {
  const turns = createTurns(MAX_WAITING);
  const tell = tellOnce(deps.onRefusal);
  let newestSeconds = 0;

  const decide = async (request: Opened): Promise<WitnessAnswer> => {
    const { oldSize, checkpoint, note, proof } = request;
    const held = await deps.store.find(checkpoint.origin);
    const heldSize = held?.checkpoint.size ?? 0;
    if (oldSize !== heldSize) return { kind: 'conflict', size: heldSize };
    const heldRoot = held?.checkpoint.root ?? EMPTY_ROOT;
    if (!verifyConsistency(oldSize, heldRoot, checkpoint.size, checkpoint.root, proof)) {
      const isContradiction =
        held !== undefined && oldSize === checkpoint.size && !equals(heldRoot, checkpoint.root);
      tell({
        reason: isContradiction ? 'contradiction' : 'unproven',
        origin: checkpoint.origin,
        heldSize,
        held: held?.note,
        offeredSize: checkpoint.size,
        offered: note,
      });
      return isContradiction ? { kind: 'conflict', size: heldSize } : { kind: 'inconsistent' };
    }
    newestSeconds = Math.max(newestSeconds, held?.timeSeconds ?? 0, Math.floor(deps.now() / 1000));
    const timeSeconds = newestSeconds;
    // Anybody may send the newest checkpoint again: that costs one write a second and no more.
    if (held?.checkpoint.size !== checkpoint.size || held.timeSeconds !== timeSeconds)
      await deps.store.save({ checkpoint, note, timeSeconds });
    return { kind: 'cosigned', line: cosignCheckpoint(note, deps.name, deps.key, timeSeconds) };
  };

  return {
    addCheckpoint: async (body) => {
      const request = openRequest(deps.logs, body);
      if ('kind' in request) return request;
      const turn = turns.take(request.checkpoint.origin, () => decide(request));
      return turn ?? { kind: 'busy' };
    },
  };
}

interface Opened {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly note: string;
  readonly checkpoint: Checkpoint;
}

/** Everything that can be said of a request without knowing what was cosigned before. */
function openRequest(logs: readonly LogVerifier[], body: string): Opened | WitnessAnswer {
  try {
    const { oldSize, proof, note } = parseAddCheckpoint(body);
    const known = logs.filter((log) => log.name === note.slice(0, note.indexOf('\n')));
    if (known.length === 0) return { kind: 'unknown_log' };
    const { text, verified } = openNote(note, known);
    const checkpoint = parseCheckpoint(text);
    if (oldSize > checkpoint.size)
      return { kind: 'malformed', reason: 'the old size is larger than the checkpoint' };
    return { oldSize, proof, note: withLinesOf(verified, note), checkpoint };
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    const isUnsigned = error.code === 'log.key_unknown' || error.code === 'log.signature';
    return isUnsigned ? { kind: 'unsigned' } : { kind: 'malformed', reason: error.message };
  }
}

/** The note without the signature lines of anybody else: whoever passes it on can add some, and it is kept and logged. */
function withLinesOf(verified: readonly LogVerifier[], note: string): string {
  const split = note.lastIndexOf('\n\n') + 2;
  const own = note
    .slice(split)
    .split('\n')
    .filter((line) => verified.some((log) => isLineOf(log, line)));
  return `${note.slice(0, split)}${own.join('\n')}\n`;
}

function isLineOf({ name, keyHash }: LogVerifier, line: string): boolean {
  const [, signer, payload = ''] = line.split(' ');
  const key = Buffer.from(payload, 'base64');
  return signer === name && key.length > 4 && key.readUInt32BE() === keyHash;
}

function equals(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
