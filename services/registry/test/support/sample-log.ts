import {
  appendToTiles,
  consistencyProof,
  formatAddCheckpoint,
  formatCheckpoint,
  hashLeaf,
  logVerifierOf,
  signingKeyFromSeed,
  signNote,
  type SigningKey,
  type TileEdge,
  tilesReader,
} from '@sheaf/bundle';

export const LOG_ORIGIN = 'log.example/log/public';
export const LOG_KEY = signingKeyFromSeed(new Uint8Array(32).fill(21));
export const LOG_VERIFIER = logVerifierOf(LOG_ORIGIN, LOG_KEY.publicKey.raw);

/** A log of up to 200 leaves in memory, whose leaves from `forkAt` on differ by `seed`. */
export interface SampleLog {
  rootAt(size: number): Uint8Array;
  noteAt(size: number, key?: SigningKey): string;
  /** The body of a request to a witness. */
  request(oldSize: number, size: number): Promise<string>;
}

export function sampleLog(seed = 0, forkAt = 0): SampleLog {
  const leaves = Array.from({ length: 200 }, (_, i) => hashLeaf(Uint8Array.of(i, i < forkAt ? 0 : seed)));
  const grown = (size: number) => appendToTiles(0, new Map() as TileEdge, leaves.slice(0, size));
  const rootAt = (size: number) => grown(size).root;
  const noteAt = (size: number, key = LOG_KEY) =>
    signNote(formatCheckpoint({ origin: LOG_ORIGIN, size, root: rootAt(size) }), LOG_ORIGIN, key);
  const proof = (oldSize: number, size: number) =>
    consistencyProof(
      oldSize,
      size,
      tilesReader((level, index) => {
        const tile = grown(size).tiles.find((t) => t.level === level && t.index === index);
        return Promise.resolve(tile?.hashes ?? new Uint8Array(0));
      }, size),
    );
  return {
    rootAt,
    noteAt,
    request: async (oldSize, size) =>
      formatAddCheckpoint({
        oldSize,
        proof: oldSize <= size ? await proof(oldSize, size) : [],
        note: noteAt(size),
      }),
  };
}
