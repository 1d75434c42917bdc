import { encodeBase64, findBase64 } from '../encoding/base64.js';
import { BundleError } from '../error.js';
import { HASH_BYTES, MAX_PROOF_HASHES } from './merkle.js';

/** That a leaf is in a log, for checking without a network (C2SP tlog-proof). */
export interface TlogProof {
  readonly index: number;
  /** The inclusion proof, from the leaf's sibling upwards. */
  readonly hashes: readonly Uint8Array[];
  /** A signed note, verbatim. */
  readonly checkpoint: string;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const MAX_PROOF_LENGTH = 256 << 10;

export function formatTlogProof({ index, hashes, checkpoint }: TlogProof): string {
  return `${[HEADER, `index ${index}`, ...hashes.map(encodeBase64)].join('\n')}\n\n${checkpoint}`;
}

/** Parses a proof. Extra data, which nobody has signed, is dropped. @throws BundleError `proof.invalid` */
export function parseTlogProof(text: string): TlogProof {
  if (text.length > MAX_PROOF_LENGTH) throw badProof(`it is longer than ${MAX_PROOF_LENGTH} characters`);
  const split = text.indexOf('\n\n');
  if (split === -1) throw badProof('it has no checkpoint');
  const lines = text.slice(0, split).split('\n');
  if (lines.shift() !== HEADER) throw badProof(`its first line is not ${HEADER}`);
  if (lines[0]?.startsWith('extra ') === true) {
    if (findBase64(lines[0].slice('extra '.length)) === undefined)
      throw badProof('its extra data is not base64');
    lines.shift();
  }
  const [, index] = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? '') ?? [];
  if (index === undefined || !Number.isSafeInteger(Number(index))) throw badProof('it has no index');
  if (lines.length > MAX_PROOF_HASHES) throw badProof('it has more hashes than any tree has levels');
  const hashes = lines.map((line) => {
    const hash = findBase64(line);
    if (hash?.length !== HASH_BYTES) throw badProof('a line is not a hash');
    return hash;
  });
  return { index: Number(index), hashes, checkpoint: text.slice(split + 2) };
}

function badProof(problem: string): BundleError {
  return new BundleError('proof.invalid', `the proof is malformed: ${problem}`);
}
