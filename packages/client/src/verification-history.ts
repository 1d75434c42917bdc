import { assertConsistent, openSeen, type FetchTile, type SeenCheckpoint } from './consistency.js';
import { ClientError } from './errors.js';
import { keyChanged, type Pin } from './pin.js';
import type { Log } from './verification-realm.js';
import type { Freshness } from './verification-types.js';

/** How many other processes may move the checkpoint while this one tries to. */
const MAX_ADVANCES = 100;

/** Every checkpoint of one verification, opened with the log's key. */
export interface SeenNotes {
  readonly receipt: SeenCheckpoint;
  readonly standings: readonly SeenCheckpoint[];
  /** What the pin has of this log. */
  readonly stored: SeenCheckpoint | undefined;
  /** When the log was last asked for its newest, RFC 3339. */
  readonly storedAt?: string | undefined;
  /** What the registry shows now; undefined offline. */
  readonly latest: SeenCheckpoint | undefined;
}

/**
 * The newest checkpoint that this verification shows, the one that is kept: a receipt or a standing, whatever it says,
 * may be younger than the latest that was fetched beside it. It is the one whose witnesses are asked for.
 */
export function newestOf({ latest, receipt, standings }: SeenNotes): SeenCheckpoint {
  const all = [...(latest === undefined ? [] : [latest]), receipt, ...standings];
  return all.reduce((a, b) => (b.size > a.size ? b : a));
}

/**
 * Proves that the newest of all checkpoints extends every other one, and that the log has not become shorter.
 *
 * @returns the newest
 * @throws ClientError `log.rollback`, `log.fork`, `log.unproven`
 */
export async function proveHistory(notes: SeenNotes, fetchTile: FetchTile): Promise<SeenCheckpoint> {
  const { latest, stored, storedAt } = notes;
  if (stored !== undefined && latest !== undefined && latest.size < stored.size) {
    throw new ClientError(
      'log.rollback',
      `the log shows ${latest.size} entries, but ${stored.size} were seen ${storedAt === undefined ? 'before' : `on ${storedAt.slice(0, 10)}`}: its history was cut or replaced`,
    );
  }
  const newest = newestOf(notes);
  const all = [latest, stored, notes.receipt, ...notes.standings].filter((seen) => seen !== undefined);
  const roots = new Set<string>();
  for (const older of all) {
    const key = `${older.size} ${Buffer.from(older.root).toString('hex')}`;
    if (older !== newest && !roots.has(key)) await assertConsistent(older, newest, fetchTile);
    roots.add(key);
  }
  return newest;
}

interface Keeping {
  readonly pin: Pin;
  readonly log: Log;
  readonly freshness: Freshness;
  readonly fetchTile: FetchTile;
  readonly stored: SeenCheckpoint | undefined;
}

/** Stores the newest checkpoint; what another process stored meanwhile must fit to it as well. */
export async function keepNewest(keeping: Keeping, newest: SeenCheckpoint): Promise<void> {
  const { log, freshness, fetchTile } = keeping;
  let { pin, stored } = keeping;
  for (let attempt = 0; attempt < MAX_ADVANCES; attempt++) {
    const kept = stored !== undefined && stored.size > newest.size ? stored : newest;
    if (await freshness.advance(pin, kept.note, { realm: log.realm })) return;
    pin = await freshness.reload();
    if (pin.logKey !== keeping.pin.logKey) throw keyChanged(keeping.pin, pin.logKey);
    const seen = pin.realms.get(log.realm);
    stored = seen && openSeen(seen.checkpoint, log);
    if (stored === undefined) continue;
    const [older, newer] = stored.size <= newest.size ? [stored, newest] : [newest, stored];
    await assertConsistent(older, newer, fetchTile);
  }
  throw new ClientError(
    'trust.unusable',
    'the newest checkpoint cannot be stored: too many others write to it',
    { hint: 'try again' },
  );
}
