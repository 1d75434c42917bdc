import { ClientError, type ClientErrorCode } from '../errors.js';

/** An entry that the log holds and its rules do not allow. */
export interface AuditViolation {
  /** Log index. */
  readonly index: number;
  readonly code: ClientErrorCode;
  readonly message: string;
  /** The beginning of the entry, at most 4,096 characters. */
  readonly leaf: string;
}

/** What an audit has refused, and gone on after. */
export interface AuditViolations {
  /** The newest. */
  readonly kept: AuditViolation[];
  /** How many there ever were. */
  count: number;
  /** How many of them an audit has failed with at its end. */
  reported: number;
}

const MAX_KEPT = 32;
const MAX_LEAF_CHARS = 4096;

/** Nothing was refused. */
export function noViolations(): AuditViolations {
  return { kept: [], count: 0, reported: 0 };
}

/** Remembers what is wrong with an entry. */
export function addViolation(
  violations: AuditViolations,
  index: number,
  bytes: Uint8Array,
  { code, message }: ClientError,
): void {
  const leaf = Buffer.from(bytes.subarray(0, MAX_LEAF_CHARS)).toString('utf8');
  violations.kept.push({ index, code, message, leaf });
  if (violations.kept.length > MAX_KEPT) violations.kept.shift();
  violations.count++;
}

/**
 * The failure that tells of all that was not reported yet, in the words of the first; undefined when there is nothing.
 *
 * @param note the checkpoint that the entries are proven by
 */
export function unreported(violations: AuditViolations, note: string): ClientError | undefined {
  const count = violations.count - violations.reported;
  const fresh = count === 0 ? [] : violations.kept.slice(-count);
  const [first] = fresh;
  if (first === undefined) return undefined;
  const more = count === 1 ? '' : ` (and ${count - 1} more like it)`;
  return new ClientError(first.code, `${first.message}${more}`, {
    hint: 'the log itself proves it: send the evidence to the operator of the registry and to those who use the namespace',
    verification: {
      steps: fresh.map(({ message }) => ({ id: 'leaf', status: 'fail', detail: message })),
      notReached: [],
      evidence: [
        ...[...new Map(fresh.map(({ index, leaf }) => [index, leaf]))].map(([index, text]) => ({
          name: `leaf-${index}`,
          text,
        })),
        { name: 'latest-checkpoint', text: note },
      ],
    },
  });
}
