import { checkInclusion, encodeReceipt } from '@sheaf/bundle';
import { splitWorkflowId } from '@sheaf/workflow';
import { assertSameIfSameSize, openSeen, rememberTiles, type SeenCheckpoint } from './consistency.js';
import { ClientError } from './errors.js';
import { PUBLIC_REALM } from './pin.js';
import { logKeyRulesOf } from './policy/rules.js';
import { keepNewest, proveHistory, type SeenNotes } from './verification-history.js';
import { openLog, realmOf, type Log } from './verification-realm.js';
import type { Checked } from './verification-steps.js';
import { checkWitnesses } from './verification-witnesses.js';
import type { VerifyReceiptInput } from './verification-types.js';

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
  assertRuledKey(input);
  const log = openLog(input.receipt, input.pin, splitWorkflowId(input.expected.id).namespace);
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

/** A rule of machine or user that names the registry's log key stands above what was pinned. */
function assertRuledKey({ demands, pin }: VerifyReceiptInput): void {
  const ruled = logKeyRulesOf(demands?.policy, pin.origin);
  const [first] = ruled;
  if (first === undefined || ruled.some(({ logKey }) => logKey === pin.logKey)) return;
  throw new ClientError(
    'log.key_changed',
    `the log key pinned for ${pin.url} is not the one that ${first.place.file}:${first.place.line} names`,
    {
      hint: `pinned ${pin.logKey}, ruled ${first.logKey ?? ''}: ask the operator another way which key is right`,
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
    storedAt: stored?.checkedAt,
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
  const { freshness, pin } = input;
  if (freshness === undefined) {
    const known = [notes.receipt, ...notes.standings, ...(notes.stored === undefined ? [] : [notes.stored])];
    known.forEach((one, i) => {
      for (const other of known.slice(i + 1)) assertSameIfSameSize(one, other);
    });
    return notes.receipt;
  }
  const fetchTile = rememberTiles(freshness.fetchTile);
  const newest = await proveHistory(notes, fetchTile);
  await keepNewest({ pin, log, freshness, fetchTile, stored: notes.stored }, newest);
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
    ...receiptOf(input),
  ];
}

/** The receipt itself: whoever judges a failure of what it says needs it byte for byte. */
export function receiptOf({
  receipt,
}: Pick<VerifyReceiptInput, 'receipt'>): readonly { name: string; text: string }[] {
  return [{ name: 'receipt', text: new TextDecoder().decode(encodeReceipt(receipt)) }];
}
