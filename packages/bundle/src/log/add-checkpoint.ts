import { encodeBase64, findBase64 } from '../encoding/base64.js';
import { BundleError } from '../error.js';
import { HASH_BYTES } from './merkle.js';

/** What a log asks of a witness: to cosign a checkpoint that extends the one it cosigned last. */
export interface AddCheckpoint {
  /** Size of the checkpoint that the witness cosigned last, 0 for none. */
  readonly oldSize: number;
  /** The consistency proof from `oldSize` to the checkpoint's size; at most 63 hashes. */
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. */
  readonly note: string;
}

/** Longest request body, in characters. */
export const MAX_ADD_CHECKPOINT_LENGTH = 64 << 10;
const MAX_PROOF_LINES = 63;

/**
 * The body of an `add-checkpoint` request (C2SP tlog-witness).
 *
 * @throws BundleError `witness.request_invalid` for what no witness would take
 */
export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  const text = `${[`old ${oldSize}`, ...proof.map(encodeBase64)].join('\n')}\n\n${note}`;
  parseAddCheckpoint(text);
  return text;
}

/**
 * Parses the body of an `add-checkpoint` request. The note is taken as it is: opening it is for the caller.
 *
 * @throws BundleError `witness.request_invalid`
 */
export function parseAddCheckpoint(text: string): AddCheckpoint {
  if (text.length > MAX_ADD_CHECKPOINT_LENGTH)
    throw badRequest(`it is longer than ${MAX_ADD_CHECKPOINT_LENGTH} characters`);
  const split = text.indexOf('\n\n');
  if (split === -1) throw badRequest('it has no checkpoint after an empty line');
  const [first = '', ...lines] = text.slice(0, split).split('\n');
  const [, oldSize] = /^old (0|[1-9][0-9]{0,15})$/.exec(first) ?? [];
  if (oldSize === undefined || !Number.isSafeInteger(Number(oldSize)))
    throw badRequest('its first line is not "old" and a size');
  if (lines.length > MAX_PROOF_LINES) throw badRequest(`it has more than ${MAX_PROOF_LINES} proof lines`);
  const proof = lines.map((line) => {
    const hash = line.length > 64 ? undefined : findBase64(line);
    if (hash?.length !== HASH_BYTES) throw badRequest('a proof line is not a hash');
    return hash;
  });
  return { oldSize: Number(oldSize), proof, note: text.slice(split + 2) };
}

function badRequest(problem: string): BundleError {
  return new BundleError('witness.request_invalid', `the request is malformed: ${problem}`, {
    hint: 'see https://c2sp.org/tlog-witness',
  });
}
