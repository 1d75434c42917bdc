import { checkInclusion, type LogVerifier, type Receipt } from '@sheaf/bundle';
import { splitWorkflowId } from '@sheaf/workflow';
import { assertSameIfSameSize, openSeen, rememberTiles, type SeenCheckpoint } from './consistency.js';
import { ClientError } from './errors.js';
import { logOriginOf, logVerifierFor, PUBLIC_REALM, type Pin } from './pin.js';
import { keepNewest, proveHistory } from './verification-history.js';
import type { Checked } from './verification-steps.js';
import { checkWitnesses } from './verification-witnesses.js';
import type { VerifyReceiptInput } from './verify.js';

/** One of the logs that the pinned key signs. */
export interface Log {
  readonly realm: string;
  readonly origin: string;
  readonly verifier: LogVerifier;
}

/** Every checkpoint of one verification, opened with the log's key. */
export interface SeenNotes {
  readonly receipt: SeenCheckpoint;
  readonly standings: readonly SeenCheckpoint[];
  /** What the pin has of this log. */
  readonly stored: SeenCheckpoint | undefined;
  /** What the registry shows now; undefined offline. */
  readonly latest: SeenCheckpoint | undefined;
}

export interface LogChecked {
  readonly realm: string;
  readonly newest: SeenCheckpoint;
}

/**
 * Step `log`, in this order: every checkpoint is signed with the pinned key; the newest has the witnesses and the age
 * that the policy demands; every raw leaf is included; the newest extends all others, what was seen before among them;
 * it is stored.
 */
export async function checkLog(input: VerifyReceiptInput): Promise<Checked<LogChecked>> {
  const log = openLog(input);
  const notes = openNotes(input, log);
  const witnessed = checkWitnesses(input, log, notes);
  checkLeaves(input, log, notes);
  const newest = await checkHistory(input, log, notes);
  const named = log.realm === PUBLIC_REALM ? '' : ` of the private log ${log.realm}`;
  const before = notes.stored === undefined ? '' : `, extends ${notes.stored.size} seen before`;
  const fresh = notes.latest === undefined ? '; freshness not checked' : before;
  return {
    value: { realm: log.realm, newest },
    detail: `checkpoint ${newest.size}${named} signed${witnessed}${fresh}`,
  };
}

/**
 * The log that the receipt is of: the public one, or that of its private namespace. Which of them a namespace is in
 * never changes without notice: in a log of its own nobody else would see what happens to it.
 */
function openLog({ receipt, expected, pin }: VerifyReceiptInput): Log {
  const { namespace } = splitWorkflowId(expected.id);
  const realm = realmOf(receipt, pin, namespace) ?? PUBLIC_REALM;
  assertSameRealm(pin, namespace, realm);
  return { realm, origin: logOriginOf(pin.origin, realm), verifier: logVerifierFor(pin, realm) };
}

/** The realm that a receipt claims to be of; undefined for a log that it may not be of. */
export function realmOf(
  receipt: Pick<Receipt, 'checkpoint'>,
  pin: Pick<Pin, 'origin'>,
  namespace: string,
): string | undefined {
  const [origin] = receipt.checkpoint.split('\n', 1);
  return [PUBLIC_REALM, namespace].find((realm) => logOriginOf(pin.origin, realm) === origin);
}

/** @throws ClientError `log.realm_changed` */
export function assertSameRealm(pin: Pin, namespace: string, realm: string): void {
  const known = pin.namespaces.get(namespace);
  if (known === undefined || known === realm) return;
  throw new ClientError(
    'log.realm_changed',
    `${namespace} was seen in the log ${logOriginOf(pin.origin, known)}, and is now in ${logOriginOf(pin.origin, realm)}`,
    {
      hint: 'ask the operator of the registry why it moved: what happens in another log, those who watch the first do not see',
    },
  );
}

function openNotes({ receipt, standings = [], pin, freshness }: VerifyReceiptInput, log: Log): SeenNotes {
  const stored = pin.realms.get(log.realm);
  return {
    latest: freshness && openSeen(freshness.note, log),
    receipt: openSeen(receipt.checkpoint, log),
    standings: standings.map(({ checkpoint }) => openSeen(checkpoint, log)),
    stored: stored && openSeen(stored.checkpoint, log),
  };
}

/** The raw leaves: those of the receipt, and every event that speaks of the release. */
function checkLeaves(
  { receipt, standings = [] }: VerifyReceiptInput,
  { origin }: Log,
  notes: SeenNotes,
): void {
  for (const logged of [receipt.publish, ...receipt.authority])
    checkInclusion(logged, { ...notes.receipt, origin });
  for (const [i, { events }] of standings.entries()) {
    const seen = notes.standings[i];
    if (seen !== undefined) for (const event of events) checkInclusion(event, { ...seen, origin });
  }
}

async function checkHistory(input: VerifyReceiptInput, log: Log, notes: SeenNotes): Promise<SeenCheckpoint> {
  const { freshness, pin, expected } = input;
  if (freshness === undefined) {
    const known = [notes.receipt, ...notes.standings, ...(notes.stored === undefined ? [] : [notes.stored])];
    known.forEach((one, i) => {
      for (const other of known.slice(i + 1)) assertSameIfSameSize(one, other);
    });
    return notes.receipt;
  }
  const fetchTile = rememberTiles(freshness.fetchTile);
  const newest = await proveHistory(notes, fetchTile);
  const { namespace } = splitWorkflowId(expected.id);
  await keepNewest({ pin, log, namespace, freshness, fetchTile, stored: notes.stored }, newest);
  return newest;
}

/** All signed notes of a verification, for whoever has to judge its failure. */
export function evidenceOf(input: VerifyReceiptInput): readonly { name: string; text: string }[] {
  const { receipt, standings = [], expected, pin, freshness } = input;
  const { namespace } = splitWorkflowId(expected.id);
  const stored = pin.realms.get(realmOf(receipt, pin, namespace) ?? PUBLIC_REALM);
  const told = new Set([receipt.checkpoint, freshness?.note]);
  return [
    ...(stored === undefined ? [] : [{ name: 'stored-checkpoint', text: stored.checkpoint }]),
    { name: 'receipt-checkpoint', text: receipt.checkpoint },
    ...(freshness === undefined ? [] : [{ name: 'latest-checkpoint', text: freshness.note }]),
    ...[...new Set(standings.map(({ checkpoint }) => checkpoint))]
      .filter((text) => !told.has(text))
      .map((text) => ({ name: 'standing-checkpoint', text })),
  ];
}
