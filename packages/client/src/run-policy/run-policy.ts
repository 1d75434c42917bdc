import type { PublicKey } from '@sheaf/bundle';
import type { PolicyPlace } from '../policy/policy-place.js';

/** How a run can be held to what its workflow declares, strictest first. */
export const POLICY_PROFILES = ['secure', 'permissive', 'disabled'] as const;

/** One of {@link POLICY_PROFILES}. */
export type PolicyProfile = (typeof POLICY_PROFILES)[number];

/** What runs are held to by one file. What is unset is left to others. */
export interface RunLimits {
  /** Origins of registries. */
  readonly registries?: readonly string[];
  /** Patterns of a namespace, or of `namespace/name`. */
  readonly publishers?: readonly string[];
  /** Hosts that a workflow may ask for, `*.` before a domain for all below it. */
  readonly hosts?: readonly string[];
  /** Container images: what one begins with, or a digest. */
  readonly images?: readonly string[];
  /** Profiles that may be chosen: of what came from a registry, and of a folder of one's own. */
  readonly profiles: Readonly<Record<'registry' | 'local', readonly PolicyProfile[] | undefined>>;
  readonly ceilings: RunCeilings;
  readonly place: PolicyPlace;
}

/** Times in milliseconds, sizes in bytes. */
export interface RunCeilings {
  /** Of one attempt at a step. */
  readonly timeoutMs?: number;
  /** Steps at the same time. */
  readonly maxParallel?: number;
  /** What one step may ask for of the machine. */
  readonly cpus?: number;
  readonly memoryBytes?: number;
  /** Of one loop. */
  readonly items?: number;
  /** Of one artifact. */
  readonly artifactBytes?: number;
  /** Of one sandbox or container. */
  readonly processes?: number;
}

/** A policy for runs that a key has signed. */
export interface RunPolicy {
  readonly file: string;
  /** Grows with each that is signed; an older one is never taken again. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly expiresMs?: number;
  readonly limits: RunLimits;
  readonly signers: readonly PublicKey[];
  /** SHA-256 of what was signed, in hexadecimal digits. */
  readonly sha256: string;
}
