import {
  BundleError,
  consistencyProof,
  formatAddCheckpoint,
  readCosignatures,
  tilesReader,
  type WitnessVerifier,
} from '@sheaf/bundle';
import { type NotesDeps, withoutCosignatures } from './cosigned-notes.js';
import { readTile } from './log-reader.js';

/** A witness that the operator has configured. */
export interface WitnessEndpoint {
  /** Its submission prefix, without a slash at the end. */
  readonly url: string;
  readonly verifier: WitnessVerifier;
}

/** Sends the body of an `add-checkpoint` request. What comes back is at most a few KiB. */
export type SubmitCheckpoint = (
  witness: WitnessEndpoint,
  body: string,
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly body: string }>;

/** What a witness made of a checkpoint. */
export type WitnessReply =
  | { readonly kind: 'cosigned'; readonly line: string; readonly timeSeconds: number }
  /** It has cosigned a larger checkpoint than this one. */
  | { readonly kind: 'ahead'; readonly size: number };

/** Why a witness's answer is no cosignature. */
export type WitnessFailureKind = 'unreachable' | 'refused' | 'contradicted' | 'unverified';

export class WitnessFailure extends Error {
  override readonly name = 'WitnessFailure';
  readonly kind: WitnessFailureKind;

  constructor(kind: WitnessFailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

export interface AskDeps extends NotesDeps {
  readonly submit: SubmitCheckpoint;
}

export interface AskedCheckpoint {
  readonly size: number;
  readonly note: string;
}

/** Another process may move the witness on between two requests, but not for ever. */
const MAX_ATTEMPTS = 3;

/**
 * Asks a witness to cosign a checkpoint (C2SP tlog-witness), with a consistency proof from the one that it cosigned
 * last: from `knownSize`, or from what it says itself.
 *
 * @throws WitnessFailure
 */
export async function askWitness(
  deps: AskDeps,
  witness: WitnessEndpoint,
  checkpoint: AskedCheckpoint,
  knownSize: number,
  signal: AbortSignal,
): Promise<WitnessReply> {
  const note = withoutCosignatures(checkpoint.note);
  let oldSize = knownSize;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    if (oldSize > checkpoint.size) return { kind: 'ahead', size: oldSize };
    const proof = await consistencyProof(oldSize, checkpoint.size, hashesOf(deps, checkpoint.size));
    const { status, body } = await deps
      .submit(witness, formatAddCheckpoint({ oldSize, proof, note }), signal)
      .catch((cause: unknown) => {
        throw new WitnessFailure('unreachable', 'the witness does not answer', cause);
      });
    if (status === 200) return readReply(note, body, witness.verifier);
    if (status === 422) {
      throw new WitnessFailure(
        'contradicted',
        'the witness says that the checkpoint does not extend the one it cosigned',
      );
    }
    if (status !== 409) throw new WitnessFailure('refused', `the witness answered with status ${status}`);
    const size = readSize(body);
    if (size === oldSize)
      throw new WitnessFailure('contradicted', `the witness holds another checkpoint of size ${size}`);
    oldSize = size;
  }
  throw new WitnessFailure('refused', 'the witness names another size each time it is asked');
}

/** The line of the known key, verified; lines of others are passed over. */
function readReply(note: string, body: string, verifier: WitnessVerifier): WitnessReply {
  try {
    for (const line of body.split('\n').filter((text) => text !== '')) {
      const [found] = readCosignatures(`${note}${line}\n`, [verifier]);
      if (found) return { kind: 'cosigned', line: `${line}\n`, timeSeconds: found.timeSeconds };
    }
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    throw new WitnessFailure('unverified', 'the cosignature of the witness does not verify', cause);
  }
  throw new WitnessFailure('unverified', 'the witness answered no cosignature by its key');
}

function readSize(body: string): number {
  const size = /^(?:0|[1-9][0-9]{0,15})\n?$/.test(body) ? Number(body) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw new WitnessFailure('refused', 'the witness answered no size');
  return size;
}

function hashesOf(deps: NotesDeps, size: number) {
  return tilesReader(async (level, index, width) => {
    const tile = await readTile(deps, level, index, width);
    if (!tile) throw new Error(`the log has no tile ${level}/${index} of width ${width}`);
    return tile;
  }, size);
}
