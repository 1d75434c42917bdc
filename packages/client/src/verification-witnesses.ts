import {
  checkQuorum,
  parseLogVerifier,
  readCosignatures,
  type Cosignature,
  type WitnessPolicy,
  type WitnessVerifier,
} from '@sheaf/bundle';
import type { SeenCheckpoint } from './consistency.js';
import { ClientError } from './errors.js';
import type { Pin } from './pin.js';
import { formatDurationMs } from './policy/duration.js';
import { maxAgeOf } from './policy/rules.js';
import { newestOf, type SeenNotes } from './verification-history.js';
import type { Log } from './verification-realm.js';
import type { LogDemands, VerifyReceiptInput } from './verification-types.js';

/**
 * Every checkpoint on whose word alone something is taken has the cosignatures that the witness policy asks for. Online
 * that is the newest of all, which the next step proves to extend the others. Offline nothing proves that, so each must have
 * them: a checkpoint that no witness has seen could hold a release, or the end of a quarantine, that only its reader is shown.
 * And the newest is not older than the policy allows: by the clocks of a quorum of witnesses, or offline by when the log was
 * last asked. A time to come says nothing of an age, but its cosignature counts for the quorum: it vouches for the history.
 *
 * @returns what of it is worth telling
 * @throws ClientError `witness.quorum`, `log.stale`; BundleError `witness.signature`
 */
export function checkWitnesses(
  { demands, pin, standings = [] }: VerifyReceiptInput,
  log: Log,
  notes: SeenNotes,
): string {
  if (demands === undefined) return '';
  const { receipt, latest } = notes;
  const proving = notes.standings.filter((_, i) => (standings[i]?.events.length ?? 0) > 0);
  const offline = [receipt, ...proving];
  const witnesses = isWitnessed(demands, pin) ? demands.witnesses : undefined;
  const known = witnesses?.witnesses.map(({ verifier }) => verifier) ?? [];
  const newest = latest === undefined ? offline.reduce((a, b) => (b.size > a.size ? b : a)) : newestOf(notes);
  const asked = latest === undefined ? offline : [newest];
  const told = asked.map((seen) => checkQuorumOf(witnesses, seen, readCosignatures(seen.note, known)));
  const cosigned = readCosignatures(newest.note, known);
  checkAge(demands, { pin, log, cosigned, witnesses, isOnline: latest !== undefined });
  return told[0] ?? '';
}

/**
 * A single checkpoint has the cosignatures that the witness policy asks of this registry's logs.
 *
 * @throws ClientError `witness.quorum`; BundleError `witness.signature`
 */
export function assertCosigned(
  witnesses: WitnessPolicy,
  pin: Pick<Pin, 'logKey'>,
  seen: SeenCheckpoint,
): void {
  if (!isWitnessed({ witnesses }, pin)) return;
  const known = witnesses.witnesses.map(({ verifier }) => verifier);
  checkQuorumOf(witnesses, seen, readCosignatures(seen.note, known));
}

function checkQuorumOf(
  witnesses: WitnessPolicy | undefined,
  seen: SeenCheckpoint,
  cosigned: readonly Cosignature[],
): string {
  if (witnesses?.quorum === undefined) return '';
  const { met, detail } = checkQuorum(
    witnesses,
    cosigned.map(({ witness }) => witness),
  );
  if (met) return `, cosigned by ${detail}`;
  throw new ClientError('witness.quorum', `checkpoint ${seen.size} is cosigned by ${detail}`, {
    hint: 'try again in a moment, with a connection; if it stays, ask the operator of the registry whether its witnesses are reachable',
  });
}

/** A witness policy that names logs is about those only. One key may sign several logs of one registry. */
function isWitnessed({ witnesses }: Pick<LogDemands, 'witnesses'>, pin: Pick<Pin, 'logKey'>): boolean {
  if (witnesses === undefined) return false;
  if (witnesses.logs.length === 0) return true;
  const pinned = Buffer.from(parseLogVerifier(pin.logKey).publicKey);
  return witnesses.logs.some(({ publicKey }) => pinned.equals(publicKey));
}

interface Aged {
  readonly pin: Pin;
  readonly log: Log;
  readonly cosigned: readonly Cosignature[];
  readonly witnesses: WitnessPolicy | undefined;
  readonly isOnline: boolean;
}

/** Clocks differ; a time that is further ahead of ours than this says nothing of an age. */
const MAX_AHEAD_MS = 5 * 60_000;

function checkAge({ policy, nowMs }: LogDemands, { pin, log, cosigned, witnesses, isOnline }: Aged): void {
  const limit = policy && maxAgeOf(policy, pin.origin);
  if (limit === undefined) return;
  const now = nowMs();
  const ages = [witnessedAgeMs(witnesses, cosigned, now)];
  const checkedAt = pin.realms.get(log.realm)?.checkedAt;
  // Online the registry's own answer says nothing of its age: only witnesses do.
  if (!isOnline && checkedAt !== undefined) ages.push(ageOf(Date.parse(checkedAt), now));
  const known = ages.filter((age) => age !== undefined);
  const where = `${limit.place.file}:${limit.place.line}`;
  if (known.length === 0) {
    throw new ClientError('log.stale', `nothing shows how old the checkpoint of ${log.origin} is`, {
      hint: hintOfNoAge({ where, isOnline, isCosigned: cosigned.length > 0 }),
    });
  }
  const ageMs = Math.min(...known);
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

/**
 * How old a checkpoint is by its witnesses: at most so old that a quorum of them saw it since. With more witnesses than
 * a quorum needs the youngest count; a single one decides nothing, unless the policy asks for no more. Undefined when
 * those whose clocks agree with ours are no quorum.
 */
function witnessedAgeMs(
  policy: WitnessPolicy | undefined,
  cosigned: readonly Cosignature[],
  now: number,
): number | undefined {
  if (policy === undefined) return undefined;
  const aged = cosigned
    .flatMap(({ witness, timeSeconds }) => {
      const ageMs = ageOf(timeSeconds * 1000, now);
      return ageMs === undefined ? [] : [{ witness, ageMs }];
    })
    .sort((a, b) => a.ageMs - b.ageMs);
  if (policy.quorum === undefined) return aged[0]?.ageMs;
  const young: WitnessVerifier[] = [];
  for (const { witness, ageMs } of aged) {
    young.push(witness);
    if (checkQuorum(policy, young).met) return ageMs;
  }
  return undefined;
}

/** Undefined for a time that cannot be read, or is further ahead than clocks differ. */
function ageOf(timeMs: number, now: number): number | undefined {
  return timeMs - now <= MAX_AHEAD_MS ? now - timeMs : undefined;
}

interface NoAge {
  readonly where: string;
  readonly isOnline: boolean;
  readonly isCosigned: boolean;
}

function hintOfNoAge({ where, isOnline, isCosigned }: NoAge): string {
  if (isCosigned)
    return 'its witnesses name times to come: check the clock of this machine; if it is right, tell the operator of the registry';
  return isOnline
    ? `${where} sets max_age, which needs witnesses: name them in witness.policy`
    : `${where} sets max_age: verify once with a connection`;
}
