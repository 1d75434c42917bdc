import { checkQuorum, parseLogVerifier, readCosignatures, type Cosignature } from '@sheaf/bundle';
import { ClientError } from './errors.js';
import type { Pin } from './pin.js';
import { formatDurationMs } from './policy/duration.js';
import { maxAgeOf } from './policy/rules.js';
import type { SeenNotes } from './verification-history.js';
import type { Log } from './verification-realm.js';
import type { LogDemands, VerifyReceiptInput } from './verification-types.js';

/**
 * The newest of what the receipt and the registry show has the cosignatures that the witness policy asks for, and is
 * not older than the policy allows: by a witness's clock, or offline by when the log was last asked.
 *
 * @returns what of it is worth telling
 * @throws ClientError `witness.quorum`, `log.stale`; BundleError `witness.signature`
 */
export function checkWitnesses(
  { demands, pin }: VerifyReceiptInput,
  log: Log,
  { receipt, latest }: SeenNotes,
): string {
  if (demands === undefined) return '';
  const newest = latest !== undefined && latest.size >= receipt.size ? latest : receipt;
  const witnesses = isWitnessed(demands, pin) ? demands.witnesses : undefined;
  const known = witnesses?.witnesses.map(({ verifier }) => verifier) ?? [];
  const cosigned = readCosignatures(newest.note, known);
  let told = '';
  if (witnesses?.quorum !== undefined) {
    const { met, detail } = checkQuorum(
      witnesses,
      cosigned.map(({ witness }) => witness),
    );
    if (!met) {
      throw new ClientError('witness.quorum', `checkpoint ${newest.size} is cosigned by ${detail}`, {
        hint: 'try again in a moment; if it stays, ask the operator of the registry whether its witnesses are reachable',
      });
    }
    told = `, cosigned by ${detail}`;
  }
  checkAge(demands, { pin, log, cosigned, isOnline: latest !== undefined });
  return told;
}

/** A witness policy that names logs is about those only. One key may sign several logs of one registry. */
function isWitnessed({ witnesses }: LogDemands, pin: Pin): boolean {
  if (witnesses === undefined) return false;
  if (witnesses.logs.length === 0) return true;
  const pinned = Buffer.from(parseLogVerifier(pin.logKey).publicKey);
  return witnesses.logs.some(({ publicKey }) => pinned.equals(publicKey));
}

interface Aged {
  readonly pin: Pin;
  readonly log: Log;
  readonly cosigned: readonly Cosignature[];
  readonly isOnline: boolean;
}

function checkAge({ policy, nowMs }: LogDemands, { pin, log, cosigned, isOnline }: Aged): void {
  const limit = policy && maxAgeOf(policy, pin.origin);
  if (limit === undefined) return;
  const times = cosigned.map(({ timeSeconds }) => timeSeconds * 1000);
  const checkedAt = pin.realms.get(log.realm)?.checkedAt;
  // Online the registry's own answer says nothing of its age: only a witness does.
  if (!isOnline && checkedAt !== undefined) times.push(Date.parse(checkedAt));
  const where = `${limit.place.file}:${limit.place.line}`;
  if (times.length === 0) {
    throw new ClientError('log.stale', `nothing shows how old the checkpoint of ${log.origin} is`, {
      hint: isOnline
        ? `${where} sets max_age, which needs witnesses: name them in witness.policy`
        : `${where} sets max_age: verify once with a connection`,
    });
  }
  const ageMs = nowMs() - Math.max(...times);
  if (ageMs <= limit.maxAgeMs) return;
  throw new ClientError(
    'log.stale',
    `the checkpoint of ${log.origin} is ${formatDurationMs(ageMs)} old, and ${where} allows ${formatDurationMs(limit.maxAgeMs)}`,
    {
      hint: isOnline
        ? 'try again in a moment, and check the clock of this machine; if it stays, the registry may hide what is new'
        : 'verify again with a connection, and check the clock of this machine',
    },
  );
}
