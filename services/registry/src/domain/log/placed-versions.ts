import { inclusionProof, type LoggedLeaf } from '@sheaf/bundle';
import type { PlacedLeaf } from '../../db/log-effects.js';
import type { LogMemory } from './log-memory.js';
import type { QueuedLeaf } from './leaves.js';

type PublishLeaf = Extract<QueuedLeaf, { type: 'publish' }>;

/** A batch that this process has appended and committed. */
export interface PlacedBatch {
  /** Of the tree that its checkpoint signs. */
  readonly size: number;
  /** The checkpoint. */
  readonly note: string;
  /** Whether the note stays as it is: no witness is asked to add to it. */
  readonly isSealed: boolean;
  /** A leaf of the log with its inclusion proof in that tree; each is made once for the whole batch. */
  prove(index: number): Promise<LoggedLeaf>;
}

/** Where a version has got its place. */
export interface PlacedVersion {
  readonly batch: PlacedBatch;
  readonly index: number;
  readonly leaf: PublishLeaf;
}

/** The versions that this process has placed lately, for those who wait for their receipts. */
export interface PlacedVersions {
  add(batch: PlacedBatch, placed: readonly Omit<PlacedLeaf, 'id' | 'audit_id'>[]): void;
  /** The version, once; undefined when another process has placed it, or it is too long ago. */
  take(versionId: number): PlacedVersion | undefined;
}

/** Those who wait ask at once: more than two full batches are not waited for. */
const MAX_REMEMBERED = 1_000;

export function createPlacedVersions(): PlacedVersions {
  const versions = new Map<number, PlacedVersion>();
  return {
    add: (batch, placed) => {
      for (const { subject_kind, subject_id, index, leaf } of placed)
        if (subject_kind === 'version' && leaf.type === 'publish')
          versions.set(subject_id, { batch, index, leaf });
      for (const oldest of versions.keys()) {
        if (versions.size <= MAX_REMEMBERED) break;
        versions.delete(oldest);
      }
    },
    take: (id) => {
      const version = versions.get(id);
      versions.delete(id);
      return version;
    },
  };
}

/** Proves leaves in the tree of a batch, its own from what was written and others from what the log has. */
export function createProver(
  memory: LogMemory,
  size: number,
  own: ReadonlyMap<number, Uint8Array>,
): PlacedBatch['prove'] {
  const read = memory.hashesOf(size);
  const proofs = new Map<number, Promise<LoggedLeaf>>();
  const prove = async (index: number): Promise<LoggedLeaf> => ({
    index,
    leaf: own.get(index) ?? (await memory.leafAt(index)),
    proof: await inclusionProof(index, size, read),
  });
  return (index) => {
    const proof = proofs.get(index) ?? prove(index);
    proofs.set(index, proof);
    return proof;
  };
}
