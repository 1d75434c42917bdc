import type { BundleErrorCode } from '@sheaf/bundle';
import type { Problem, ProblemCode } from './contract/index.js';
import type { Remedy } from './remedy.js';

/** Codes that arise on this side of the wire. */
export type LocalErrorCode =
  | 'registry.url_invalid'
  | 'network.unreachable'
  | 'network.timeout'
  | 'network.redirect'
  | 'network.insecure'
  | 'proxy.invalid'
  | 'proxy.refused'
  | 'tls.pin_invalid'
  | 'tls.pin_mismatch'
  | 'operation.cancelled'
  | 'callback.failed'
  | 'response.invalid'
  | 'response.too_large'
  | 'response.problem'
  | 'reference.invalid'
  | 'reference.registry_unknown'
  | 'reference.registry_ambiguous'
  | 'reference.registry_mismatch'
  | 'reference.registry_unsure'
  | 'version.unresolved'
  | 'state.quarantined'
  | 'cache.unusable'
  | 'offline.missing'
  | 'trust.unusable'
  | 'log.key_unpinned'
  | 'log.key_changed'
  | 'log.fork'
  | 'log.rollback'
  | 'log.unproven'
  | 'log.realm_changed'
  | 'log.origin_taken'
  | 'log.stale'
  | 'witness.quorum'
  | 'policy.unsigned'
  | 'policy.key_unknown'
  | 'policy.tampered'
  | 'policy.expired'
  | 'policy.rolled_back'
  | 'policy.refused'
  | 'publisher.not_allowed'
  | 'publisher.not_accepted'
  | 'signer.changed'
  | 'signer.downgraded'
  | 'key.recovery'
  | 'release.too_young'
  | 'state.yanked'
  | 'lock.missing'
  | 'lock.invalid'
  | 'lock.conflict'
  | 'lock.stale'
  | 'lock.tampered'
  | 'lock.too_large'
  | 'dependency.cycle'
  | 'dependency.too_deep'
  | 'project.invalid'
  | 'project.name_reserved'
  | 'project.by_hand'
  | 'audit.root'
  | 'audit.leaf'
  | 'audit.chain'
  | 'audit.time'
  | 'audit.authority'
  | 'audit.duplicate'
  | 'audit.transition'
  | 'blob.size'
  | 'carry.unpublished'
  | 'unpack.exists'
  | 'unpack.failed';

/**
 * Codes of {@link ClientError}: what a registry answered keeps its own code, a failed check keeps the code of
 * the check. A problem whose code this version does not know is `response.problem`.
 */
export type ClientErrorCode = ProblemCode | BundleErrorCode | LocalErrorCode;

/** The groups of checks that every fetched workflow passes, in order. */
export type VerificationStepId = 'log' | 'leaf' | 'signer' | 'policy' | 'bytes';

/** How one group of checks ended. */
export interface VerificationStep {
  readonly id: VerificationStepId;
  readonly status: 'ok' | 'fail';
  /** One line, safe to print. */
  readonly detail: string;
}

/** What a failed verification leaves behind for the person who has to judge it. */
export interface VerificationReport {
  /** Steps that passed, then the one that failed. */
  readonly steps: readonly VerificationStep[];
  readonly notReached: readonly VerificationStepId[];
  /** Signed documents that contradict each other, byte for byte, such as both checkpoints of a fork. */
  readonly evidence: readonly { readonly name: string; readonly text: string }[];
}

/** Present when the same request may work later. */
export interface RetryAdvice {
  /** The registry may have acted on the request although no answer arrived. */
  readonly maybeReceived: boolean;
  /** The least time to wait, when the registry named one. */
  readonly afterMs?: number;
  /** There was no connection at all, so that more attempts than this hardly help. */
  readonly atMost?: number;
}

/** What an error carries beside its code and message. */
export interface ClientErrorOptions {
  readonly hint?: string | undefined;
  readonly remedy?: Remedy | undefined;
  readonly cause?: unknown;
  readonly problem?: Problem | undefined;
  readonly retry?: RetryAdvice | undefined;
  readonly verification?: VerificationReport | undefined;
}

/** The one error of this package: branch on `code`, show `message` and `hint`. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  /** What the reader of the message should do next. */
  readonly hint: string | undefined;
  /** What the hint advises, where programs may have words of their own for it. */
  readonly remedy: Remedy | undefined;
  /** The registry's answer, as it came: its texts are not safe to print raw. */
  readonly problem: Problem | undefined;
  readonly retry: RetryAdvice | undefined;
  /** Present when a check of {@link VerificationStepId} failed, and only then. */
  readonly verification: VerificationReport | undefined;

  constructor(code: ClientErrorCode, message: string, options: ClientErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ClientError';
    this.code = code;
    this.hint = options.hint;
    this.remedy = options.remedy;
    this.problem = options.problem;
    this.retry = options.retry;
    this.verification = options.verification;
  }
}

/** True for a failed check of {@link VerificationStepId}, whatever its code: nothing was unpacked, cached or run. */
export function isVerificationFailure(error: unknown): error is ClientError {
  return error instanceof ClientError && error.verification !== undefined;
}

/** Narrows to this package's error with one of the codes. */
export function isClientError(error: unknown, ...codes: readonly ClientErrorCode[]): error is ClientError {
  return error instanceof ClientError && (codes.length === 0 || codes.includes(error.code));
}
