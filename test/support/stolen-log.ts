import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  appendToTiles,
  decodeKeyFile,
  encodeEntryBundle,
  encodeLeaf,
  formatCheckpoint,
  hashLeaf,
  inclusionProof,
  parseCheckpoint,
  parseEntryBundle,
  parseEntryBundlePath,
  entryBundlePath,
  parseLeaf,
  parseTilePath,
  signNote,
  tilesReader,
  type Leaf,
  type LoggedLeaf,
  type SigningKey,
} from '@sheaf/bundle';
import type { RegistryProcess } from './registry-process.js';

/** A leaf without its place in the chain of its namespace. */
export type FreeLeaf = DistributiveOmit<Leaf, 'v' | 'seq' | 'prev' | 't'>;

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A log in the hands of somebody who has its key: it begins as a copy of the real one and goes on as they please. */
export interface StolenLog {
  /** Origin of the registry: what statements are signed for. */
  readonly registry: string;
  /** Path of the log at its registry. */
  readonly prefix: string;
  /** Appends a leaf at the end of its namespace's chain, and answers its index. */
  append(leaf: FreeLeaf): number;
  /** The leaves so far, and their indexes. */
  leaves(): readonly Leaf[];
  /** The signed note of all leaves, or of the first so many. */
  checkpoint(size?: number): string;
  /** A leaf with its proof against the newest checkpoint. */
  logged(index: number): Promise<LoggedLeaf>;
  /** What a server of the log would answer for a path below the log's prefix; undefined for a path that is none. */
  serve(path: string): Buffer | undefined;
}

/** Most leaves of a log that is stolen here: one row of tiles. */
const MAX_LEAVES = 255;

/**
 * Copies a registry's public log, or its first `size` leaves, and takes its key from the data directory. With a realm,
 * the copy is passed off as the log of that realm.
 */
export async function stealLog(
  registry: RegistryProcess,
  { size, realm = 'public' }: { readonly size?: number; readonly realm?: string } = {},
): Promise<StolenLog> {
  const { key } = await decodeKeyFile(await readFile(join(registry.dataDir, 'log-key.json'), 'utf8'));
  const note = await (await fetch(`${registry.url}/log/public/checkpoint`)).text();
  const real = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1));
  const path = entryBundlePath(0, real.size);
  const entries = await (await fetch(`${registry.url}/log/public/${path}`)).arrayBuffer();
  const leaves = parseEntryBundle(new Uint8Array(entries));
  const host = real.origin.slice(0, real.origin.indexOf('/'));
  return createLog({ origin: `${host}/log/${realm}`, key }, leaves.slice(0, size ?? real.size));
}

function createLog(
  { origin, key }: { readonly origin: string; readonly key: SigningKey },
  start: readonly Uint8Array[],
): StolenLog {
  const leaves = [...start];
  const grown = (size = leaves.length) => appendToTiles(0, new Map(), leaves.slice(0, size).map(hashLeaf));
  const parsed = () => leaves.map((bytes) => parseLeaf(bytes));
  const checkpoint = (size = leaves.length) =>
    signNote(formatCheckpoint({ origin, size, root: grown(size).root }), origin, key);
  return {
    registry: origin.slice(0, origin.indexOf('/')),
    prefix: `${origin.slice(origin.indexOf('/'))}/`,
    append(leaf) {
      const before = parsed().filter(({ ns }) => ns === leaf.ns);
      const last = before.at(-1);
      const prev = last === undefined ? '' : Buffer.from(hashLeaf(encodeLeaf(last))).toString('hex');
      const t = Math.floor(Date.now() / 1000);
      leaves.push(encodeLeaf({ v: 1, seq: before.length, prev, t, ...leaf }));
      if (leaves.length > MAX_LEAVES) throw new Error('this log is longer than a test needs');
      return leaves.length - 1;
    },
    leaves: parsed,
    checkpoint,
    async logged(index) {
      const { tiles } = grown();
      const read = tilesReader((level, at) => {
        const tile = tiles.find((one) => one.level === level && one.index === at);
        return Promise.resolve(tile?.hashes ?? new Uint8Array(0));
      }, leaves.length);
      const leaf = leaves[index];
      if (leaf === undefined) throw new Error(`the log has no leaf ${index}`);
      return { index, leaf, proof: await inclusionProof(index, leaves.length, read) };
    },
    serve(path) {
      if (path === 'checkpoint') return Buffer.from(checkpoint());
      if (path.startsWith('tile/entries/')) {
        const { index, width } = parseEntryBundlePath(path);
        return Buffer.from(encodeEntryBundle(leaves.slice(index * 256, index * 256 + width)));
      }
      if (!path.startsWith('tile/')) return undefined;
      const { level, index, width } = parseTilePath(path);
      const tile = grown().tiles.find((one) => one.level === level && one.index === index);
      return Buffer.from(tile?.hashes.subarray(0, width * 32) ?? []);
    },
  };
}
