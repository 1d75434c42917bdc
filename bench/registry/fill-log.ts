import { appendToTiles, formatCheckpoint, hashLeaf, signNote, type SigningKey } from '@sheaf/bundle';
import { connectDatabase } from '../../services/registry/src/db/connection.js';
import { storeAppend } from '../../services/registry/src/db/append-queries.js';
import { findTiles, lockLogState } from '../../services/registry/src/db/log-queries.js';
import { loadLogKey } from '../../services/registry/src/log-key.js';
import type { SheafServer } from './servers/sheaf.js';

const BATCH = 10_000;
const REALM = 'public';

/**
 * Lets the public log of a registry grow to a size with leaves that mean nothing, in signed batches, through the functions
 * that its sequencer stores with. The registry may run meanwhile.
 */
export async function fillLog(server: SheafServer, size: number): Promise<void> {
  const key = await loadLogKey(server.dataDir, undefined, false);
  const db = connectDatabase({
    url: server.database(),
    maxConnections: 1,
    onConnectionError: () => undefined,
  });
  try {
    for (let grown = 0; grown < size;) grown = await appendBatch(db, key, size);
  } finally {
    await db.destroy();
  }
}

function appendBatch(db: ReturnType<typeof connectDatabase>, key: SigningKey, most: number): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const state = await lockLogState(trx, REALM);
    const count = Math.min(BATCH, most - state.size);
    if (count <= 0) return state.size;
    const leaves = Array.from({ length: count }, (_, i) => ({
      index: state.size + i,
      leaf: Buffer.from(`leaf ${state.size + i}`),
    }));
    const stored = await findTiles(trx, REALM, edgeOf(state.size));
    const edge = new Map(stored.map((tile) => [`${tile.level}/${tile.index}`, tile.hashes]));
    const { size, root, tiles } = appendToTiles(
      state.size,
      edge,
      leaves.map(({ leaf }) => hashLeaf(leaf)),
    );
    await storeAppend(trx, {
      realm: REALM,
      size,
      root,
      timeSeconds: state.last_time,
      note: signNote(formatCheckpoint({ origin: state.origin, size, root }), state.origin, key),
      noteOpenForMs: 0,
      leaves,
      tiles,
      heads: [],
    });
    return size;
  });
}

/** The rightmost tile of each level that is not full. */
function edgeOf(size: number): readonly { readonly level: number; readonly index: number }[] {
  const edge: { readonly level: number; readonly index: number }[] = [];
  for (let level = 0, width = size; width > 0; level += 1, width = Math.floor(width / 256))
    if (width % 256 !== 0) edge.push({ level, index: Math.floor(width / 256) });
  return edge;
}
