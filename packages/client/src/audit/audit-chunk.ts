import { appendToTiles, type TileAppend } from '@sheaf/bundle';
import { assertConsistent, type FetchTile, type SeenCheckpoint } from '../consistency.js';
import { ClientError, isClientError } from '../errors.js';
import { createSteps } from '../verification-steps.js';
import type { AuditEvent } from './audit-event.js';
import { admitEntry, entryOf, type AuditState } from './audit-state.js';
import { addViolation } from './audit-violation.js';
import { fetchRange, type FetchEntries } from './entries.js';
import { findUnsigned, type SignedEventsDeps } from './signed-events.js';

/** What of a state is not kept yet, and whether it may be. */
export interface Progress {
  unsaved: number;
  /** A chain is broken, so the state is of no use any more. */
  broken: boolean;
}

/** What is audited next, and how. */
export interface Chunk {
  readonly state: AuditState;
  readonly newest: SeenCheckpoint;
  readonly realm: string;
  readonly chunkEntries: number;
  readonly fetchTile: FetchTile;
  readonly onEvent: (event: AuditEvent) => void | Promise<void>;
  readonly progress: Progress;
}

/**
 * Proves a part of what is missing, then judges it, then tells of it; only then does it count as audited. Answers the
 * root up to there.
 */
export async function auditChunk(
  deps: { readonly fetchEntries: FetchEntries } & SignedEventsDeps,
  chunk: Chunk,
): Promise<Uint8Array> {
  const { state, newest, chunkEntries, fetchTile, progress } = chunk;
  const start = state.size;
  const end = Math.min(newest.size, (Math.floor(start / chunkEntries) + 1) * chunkEntries);
  const { entries, grown } = await createSteps(['log']).run(
    'log',
    async () => {
      const fetched = await fetchRange(deps.fetchEntries, { start, end, size: newest.size });
      const proven = fetched.map(entryOf);
      const tree = appendToTiles(
        start,
        state.edge,
        proven.map(({ hash }) => hash),
      );
      await assertBeginning(tree, newest, fetchTile);
      return { value: { entries: proven, grown: tree }, detail: `entries ${start} to ${end - 1}` };
    },
    () => [{ name: 'latest-checkpoint', text: newest.note }],
  );
  const unsigned = await findUnsigned(
    deps,
    entries.map(({ bytes }, i) => ({ index: start + i, bytes })),
  );
  progress.broken = true;
  const events: AuditEvent[] = [];
  try {
    for (const [i, entry] of entries.entries())
      events.push(...judge(chunk, start + i, entry, unsigned.get(start + i)));
  } finally {
    for (const event of events) await chunk.onEvent(event);
  }
  state.size = grown.size;
  state.edge = grown.edge;
  state.note = newest.note;
  progress.broken = false;
  progress.unsaved += entries.length;
  return grown.root;
}

function judge(
  { state, newest, realm }: Chunk,
  index: number,
  entry: { readonly bytes: Uint8Array; readonly hash: Uint8Array },
  refused: ClientError | undefined,
): readonly AuditEvent[] {
  try {
    const { event, problems } = admitEntry(state, index, entry, realm, refused);
    for (const problem of problems) addViolation(state.violations, index, entry.bytes, problem);
    return event === undefined ? [] : [event];
  } catch (error) {
    if (!isClientError(error)) throw error;
    throw new ClientError(error.code, error.message, {
      cause: error,
      hint: 'the log itself proves it: send the evidence to the operator of the registry and to those who use the namespace',
      verification: {
        steps: [{ id: 'leaf', status: 'fail', detail: error.message }],
        notReached: [],
        evidence: [
          { name: `leaf-${index}`, text: Buffer.from(entry.bytes).toString('utf8') },
          { name: 'latest-checkpoint', text: newest.note },
        ],
      },
    });
  }
}

/** @throws ClientError `audit.root` when the entries are not those of the checkpoint's tree */
async function assertBeginning(
  tree: Pick<TileAppend, 'size' | 'root'>,
  newest: SeenCheckpoint,
  fetchTile: FetchTile,
): Promise<void> {
  try {
    await assertConsistent({ ...tree, note: '' }, newest, fetchTile);
  } catch (error) {
    throw isClientError(error, 'log.fork') ? notTheTree(tree.size, newest) : error;
  }
}

function notTheTree(size: number, newest: SeenCheckpoint): ClientError {
  return new ClientError(
    'audit.root',
    `the first ${size} entries that the registry shows are not those of its checkpoint of size ${newest.size}`,
    {
      hint: 'try again without a proxy or mirror; if it stays, send the evidence to the operator of the registry',
    },
  );
}
