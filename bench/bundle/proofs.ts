import {
  appendToTiles,
  consistencyProof,
  hashLeaf,
  inclusionProof,
  type TileEdge,
  tilesReader,
  verifyConsistency,
  verifyInclusion,
} from '@sheaf/bundle';
import { perSecond, processorMs } from '../lib/measure.js';
import type { Row } from '../lib/report.js';

const MILLION = 1_000_000;
const BATCH = 10_000;

function leafOf(index: number): Uint8Array {
  return new TextEncoder().encode(`leaf ${index}`);
}

/** A log of a million leaves in tiles, kept in memory: what is measured is proofs, not storage. */
function createLog() {
  const tiles = new Map<string, Uint8Array>();
  const rootOf = new Map<number, Uint8Array>();
  let edge: TileEdge = new Map();
  const startedMs = processorMs();
  for (let size = 0; size < MILLION; size += BATCH) {
    const hashes = Array.from({ length: BATCH }, (_, i) => hashLeaf(leafOf(size + i)));
    const appended = appendToTiles(size, edge, hashes);
    edge = appended.edge;
    rootOf.set(appended.size, appended.root);
    for (const { level, index, hashes: row } of appended.tiles) tiles.set(`${level}/${index}`, row);
  }
  const elapsedMs = processorMs() - startedMs;
  const read = tilesReader(
    (level, index) => Promise.resolve(tiles.get(`${level}/${index}`) ?? new Uint8Array(0)),
    MILLION,
  );
  return { read, rootOf, appendsPerSecond: (MILLION * 1000) / elapsedMs };
}

/** Proofs at 10^6 leaves: making them from tiles, and verifying them. */
export async function benchProofs(forMs: number): Promise<readonly Row[]> {
  const { read, rootOf, appendsPerSecond } = createLog();
  const root = rootOf.get(MILLION) ?? new Uint8Array(0);
  const oldSize = 730_000;
  const oldRoot = rootOf.get(oldSize) ?? new Uint8Array(0);
  const index = 654_321;
  const leaf = hashLeaf(leafOf(index));
  const inclusion = await inclusionProof(index, MILLION, read);
  const consistency = await consistencyProof(oldSize, MILLION, read);
  if (!verifyInclusion(leaf, index, MILLION, inclusion, root))
    throw new Error('the inclusion proof is wrong');
  if (!verifyConsistency(oldSize, oldRoot, MILLION, root, consistency))
    throw new Error('the consistency proof is wrong');

  const included = perSecond(() => verifyInclusion(leaf, index, MILLION, inclusion, root), forMs);
  const consistent = perSecond(() => verifyConsistency(oldSize, oldRoot, MILLION, root, consistency), forMs);
  const makingMs = await meanMs((i) => inclusionProof((i * 7919) % MILLION, MILLION, read), forMs);
  const makingOldMs = await meanMs((i) => consistencyProof(1 + ((i * 7919) % MILLION), MILLION, read), forMs);
  const proof = (what: string, value: number): Row => ({
    what,
    value,
    unit: 'CPU-ms',
    target: '≤ 1 ms',
    isMet: value <= 1,
  });
  return [
    { what: 'append to tiles, 10,000 leaves at a time', value: appendsPerSecond, unit: '/s' },
    proof('make an inclusion proof from tiles, 10⁶ leaves', makingMs),
    proof('make a consistency proof from tiles, 10⁶ leaves', makingOldMs),
    { what: 'verify an inclusion proof, 10⁶ leaves', value: included, unit: '/s' },
    { what: 'verify a consistency proof, 10⁶ leaves', value: consistent, unit: '/s' },
  ];
}

/** Mean processor time of making a proof. */
async function meanMs(make: (i: number) => Promise<unknown>, forMs: number): Promise<number> {
  for (let i = 0; i < 20; i++) await make(i);
  const startedMs = processorMs();
  let made = 0;
  while (processorMs() - startedMs < forMs) await make(made++);
  return (processorMs() - startedMs) / made;
}
