import {
  appendToTiles,
  formatCheckpoint,
  hashLeaf,
  openCheckpoint,
  parseLogVerifier,
  signNote,
  type SigningKey,
  type Tile,
} from '@sheaf/bundle';
import type { Transaction } from 'kysely';
import type { Appended } from '../../db/append-queries.js';
import type { Db } from '../../db/connection.js';
import type { PlacedLeaf } from '../../db/log-effects.js';
import { findCheckpoint, findTiles, type lockLogState, type NamespaceHead } from '../../db/log-queries.js';
import type { Database } from '../../db/schema.js';
import type { Failpoint } from '../failpoint.js';
import type { ForkGuard, Seen, SignedCheckpoint } from './fork-guard.js';
import { placeLeaf, type QueuedLeaf } from './leaves.js';
import type { LogMemory } from './log-memory.js';
import { createProver, type PlacedVersions } from './placed-versions.js';

export interface AppendDeps {
  readonly db: Db;
  readonly realm: string;
  readonly key: SigningKey;
  readonly guard: ForkGuard;
  /** How long the note of a new checkpoint stays open for what those who are told add to it; not at all when unset. */
  readonly noteOpenForMs?: (realm: string) => number;
  readonly now: () => number;
  readonly failpoint: Failpoint;
}

/** What this process knows of a log beyond its database. */
export interface Known {
  readonly memory: LogMemory;
  readonly placed: PlacedVersions;
}

export type LogState = Awaited<ReturnType<typeof lockLogState>>;

/** Compares the log with what was seen of it outside of the database. @throws LogFrozenError */
export async function assertContinued(
  { realm, guard }: AppendDeps,
  trx: Transaction<Database>,
  state: LogState,
  seen: Seen,
): Promise<void> {
  await guard.check(state, seen, async (size) => {
    const note = await findCheckpoint(trx, realm, size);
    return note === undefined ? undefined : openCheckpoint(note, parseLogVerifier(state.verifier_key)).root;
  });
}

/** In seconds since the epoch. Time never runs backwards in the log, even when the machine's clock does. */
export function nextTime({ now }: AppendDeps, state: LogState): number {
  return Math.max(state.last_time, Math.floor(now() / 1000));
}

export interface Growing {
  readonly state: LogState;
  readonly heads: ReadonlyMap<string, NamespaceHead>;
  readonly timeSeconds: number;
  readonly queued: readonly { readonly namespace: string; readonly leaf: QueuedLeaf }[];
}

/** The tree with the leaves on top, computed and signed but not stored. */
export interface Growth {
  readonly appended: Appended;
  readonly signed: SignedCheckpoint;
  /** Called once it is committed. */
  remember(known: Known, placed: readonly Omit<PlacedLeaf, 'id' | 'audit_id'>[]): void;
}

/** Links the leaves, hashes them into the tree, and signs what it is then. */
export async function grow(
  { realm, key, guard, noteOpenForMs, failpoint }: AppendDeps,
  memory: LogMemory,
  trx: Transaction<Database>,
  { state, heads, timeSeconds, queued }: Growing,
): Promise<Growth> {
  await failpoint('sequencer.before_append');
  const chained = chain(queued, heads, timeSeconds);
  memory.resumeAt(state);
  const { size, root, tiles } = appendToTiles(
    state.size,
    await loadEdge(trx, realm, memory, state.size),
    chained.hashes,
  );
  const { origin } = state;
  const note = signNote(formatCheckpoint({ origin, size, root }), origin, key);
  const openForMs = noteOpenForMs?.(realm) ?? 0;
  return {
    appended: {
      realm,
      size,
      root,
      timeSeconds,
      note,
      noteOpenForMs: openForMs,
      leaves: chained.leaves.map((leaf, i) => ({ index: state.size + i, leaf })),
      tiles: tiles.map(({ level, index, hashes }: Tile) => ({ level, index, hashes })),
      heads: [...chained.heads].map(([namespace, head]) => ({ namespace, ...head })),
    },
    signed: { realm, origin, size, root, note },
    remember: (known, placed) => {
      guard.own.extend(state, { size, root });
      known.memory.extend({ size, root }, tiles, chained.heads);
      const leaves = new Map(chained.leaves.map((leaf, i) => [state.size + i, leaf]));
      const prove = createProver(known.memory, size, leaves);
      known.placed.add({ size, note, isSealed: openForMs === 0, prove }, placed);
    },
  };
}

interface Chained {
  readonly leaves: readonly Uint8Array[];
  readonly hashes: readonly Uint8Array[];
  readonly heads: ReadonlyMap<string, NamespaceHead>;
}

/** Links each leaf to the one before it in its namespace. */
function chain(
  queued: Growing['queued'],
  stored: ReadonlyMap<string, NamespaceHead>,
  timeSeconds: number,
): Chained {
  const heads = new Map<string, NamespaceHead>();
  const leaves: Uint8Array[] = [];
  const hashes: Uint8Array[] = [];
  for (const { namespace, leaf } of queued) {
    const head = heads.get(namespace) ?? stored.get(namespace);
    const position = { seq: head ? head.seq + 1 : 0, prev: head?.leafHash ?? '', timeSeconds };
    const bytes = placeLeaf(leaf, position);
    const hash = hashLeaf(bytes);
    heads.set(namespace, { seq: position.seq, leafHash: Buffer.from(hash).toString('hex') });
    leaves.push(bytes);
    hashes.push(hash);
  }
  return { leaves, hashes, heads };
}

/** The rightmost tile of each level that is not full yet: all that an append needs of the tree. */
async function loadEdge(
  trx: Transaction<Database>,
  realm: string,
  memory: LogMemory,
  size: number,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const partial: { readonly level: number; readonly index: number; readonly width: number }[] = [];
  for (let level = 0, width = size; width > 0; level += 1, width = Math.floor(width / 256))
    if (width % 256 !== 0) partial.push({ level, index: Math.floor(width / 256), width: width % 256 });
  const known = memory.edge(partial);
  if (known !== undefined) return known;
  const tiles = await findTiles(trx, realm, partial);
  // One that is missing is found by whoever appends to it.
  return new Map(tiles.map(({ level, index, hashes }) => [`${level}/${index}`, hashes]));
}
