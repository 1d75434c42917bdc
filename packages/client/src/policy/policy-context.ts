import type { WitnessPolicy } from '@sheaf/bundle';
import type { Grant } from './decide.js';
import type { AcceptedPublisher, PublisherQuestion, TrustPolicy } from './trust-policy.js';

/** What decides about a verified signer, and who answers what the policy leaves open. */
export interface PolicyContext {
  readonly policy: TrustPolicy;
  /** Whose cosignatures checkpoints need. */
  readonly witnesses?: WitnessPolicy | undefined;
  /**
   * Asks whether a publisher may be trusted at its first use; `flag` is a yes that nobody was asked for, which never
   * counts for a key that was added by recovery. Left out when nobody can answer. When the verification is cancelled, the
   * answer is not waited for any longer, and the signal is aborted so that the question can be taken back. What is thrown
   * ends the verification: an error with a lower-case `code` as it is, any other as the `cause` of `callback.failed`.
   */
  readonly askPublisher?:
    | ((question: PublisherQuestion, options: { readonly signal: AbortSignal }) => Promise<boolean | 'flag'>)
    | undefined;
  /** Releases that may be younger than the policy asks for: all of them, or those listed as `namespace/name@version`. */
  readonly allowYoung?: boolean | ReadonlySet<string> | undefined;
  /** The clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
}

/** What of the policy let a release pass. */
export type PolicyDecision = Grant | { readonly kind: 'first-use'; readonly accepted: AcceptedPublisher };
