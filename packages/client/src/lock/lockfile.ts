import type { Digest, KeyId, Receipt, ReleaseState, Standing } from '@sheaf/bundle';
import type { Version, WorkflowId } from '@sheaf/workflow';

/** The file's name; it lies beside `sheaf.toml`. */
export const LOCKFILE_NAME = 'sheaf.lock';
/** The largest lockfile, in UTF-16 units. */
export const MAX_LOCKFILE_LENGTH = 4 << 20;
/** How many workflows, and how many logs, a lockfile holds at most. */
export const MAX_LOCKED = 1000;

/** One log of one registry. It grants nothing: the key must be one that somebody here has accepted. */
export interface LockedRegistry {
  /** The name that publishers sign for. */
  readonly origin: string;
  /** Which of the registry's logs: `public`, or the private namespace that has its own. */
  readonly realm: string;
  /** C2SP verifier key of the registry's public log. */
  readonly logKey: string;
  /** The newest signed note that was verified when this was last refreshed. */
  readonly checkpoint: string;
}

/** One version of a workflow. Everything but `dependencies` follows from receipt and standings; those, from the bundle. */
export interface LockedWorkflow {
  readonly id: WorkflowId;
  readonly version: Version;
  /** Origin of its registry. */
  readonly registry: string;
  readonly tar: Digest;
  readonly tarSizeBytes: number;
  readonly blob: Digest;
  readonly blobSizeBytes: number;
  /** The keys that the log names for it, in the log's order. */
  readonly signers: readonly KeyId[];
  readonly logIndex: number;
  /** SHA-256 of the signed envelope. */
  readonly envelope: Digest;
  /** As of the standings below. */
  readonly state: ReleaseState;
  /** What its definition depends on, at the versions chosen; by id. */
  readonly dependencies: readonly LockedDependency[];
  readonly receipt: Receipt;
  /** What the log says of it beyond its receipt, newest first; each with at least one event. */
  readonly standings: readonly Standing[];
}

/** A dependency at the version that was chosen, in the registry of the one that needs it. */
export interface LockedDependency {
  readonly id: WorkflowId;
  readonly version: Version;
}

/** What a project runs, exactly, with all that proves it. */
export interface Lockfile {
  /** By origin and realm, each pair once. */
  readonly registries: readonly LockedRegistry[];
  /** By id, version and registry, each once. */
  readonly workflows: readonly LockedWorkflow[];
}

/** Nothing is locked. */
export const EMPTY_LOCKFILE: Lockfile = { registries: [], workflows: [] };
