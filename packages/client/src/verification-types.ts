import type {
  ArchiveLimits,
  Bundle,
  Digest,
  KeyHistory,
  KeyId,
  PublicKey,
  PublishLeaf,
  PublishStatement,
  Receipt,
  ReleaseStanding,
  Standing,
  WitnessPolicy,
} from '@sheaf/bundle';
import type { Namespace, Version, WorkflowId } from '@sheaf/workflow';
import type { Cache } from './cache.js';
import type { FetchTile, SeenCheckpoint } from './consistency.js';
import type { VerificationStep } from './errors.js';
import type { Pin } from './pin.js';
import type { PolicyContext, PolicyDecision } from './policy/policy-context.js';
import type { SignerFacts } from './policy/trust-policy.js';
import type { AdvanceOptions, VerifyingTrust } from './trust-store.js';

/** What an answer of the log right now adds to a verification. */
export interface Freshness {
  /** The log's newest note, asked for after the pin was read: else another process could have seen a newer one. */
  readonly note: string;
  readonly fetchTile: FetchTile;
  /** Compare-and-swap of the pin's checkpoint, as `TrustStore.advance`. */
  readonly advance: (seen: Pin, newNote: string, options: AdvanceOptions) => Promise<boolean>;
  /** Notes in which log a namespace is, as `TrustStore.noteRealm`. */
  readonly noteRealm: (seen: Pin, namespace: string, realm: string) => Promise<boolean>;
  /** The pin as it is now. */
  readonly reload: () => Promise<Pin>;
  /** The keys of a namespace, as its log proves them; asked for only when a policy accepts keys that others vouch for. */
  readonly keyHistory?: ((namespace: Namespace) => Promise<Pick<KeyHistory, 'keys'>>) | undefined;
}

/** A receipt, what it should be of, and whom to believe. */
export interface VerifyReceiptInput {
  readonly receipt: Receipt;
  /** What is given of the release beyond its receipt, by the registry, a lock or a file: all of it counts. */
  readonly standings?: readonly Standing[] | undefined;
  readonly expected: {
    readonly id: WorkflowId;
    readonly version: Version;
    readonly digest?: Digest | undefined;
  };
  readonly pin: Pin;
  /** Left out offline: then nothing shows that the log did not go back or fork since. */
  readonly freshness?: Freshness | undefined;
  /** Whose cosignatures the newest checkpoint needs, and how old it may be. */
  readonly demands?: LogDemands | undefined;
  /** Ends the verification with `operation.cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Told each step as it ends; it must not block. */
  readonly onStep?: ((step: VerificationStep) => void) | undefined;
}

/** What a policy demands of the newest checkpoint. */
export interface LogDemands {
  readonly witnesses?: WitnessPolicy | undefined;
  readonly policy?: PolicyContext['policy'] | undefined;
  /** The clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
}

/** A receipt, the bundle that it vouches for, and whom to believe. */
export interface VerifyWorkflowInput extends Omit<VerifyReceiptInput, 'demands'> {
  readonly standings: readonly Standing[];
  readonly policy: PolicyContext;
  /** What was accepted of publishers, and what was proven of releases. */
  readonly trust: VerifyingTrust;
  /** Where earlier versions of this program kept what was proven of releases; it counts as well. */
  readonly cache?: Pick<Cache, 'findStandings'> | undefined;
  /** The compressed bundle that the leaf names, from wherever it comes; asked for only when all else is verified, and not waited for once the signal is aborted. */
  readonly blob: (leaf: PublishLeaf, options: { readonly signal: AbortSignal }) => Promise<Uint8Array>;
  readonly limits?: ArchiveLimits | undefined;
}

declare const receiptBrand: unique symbol;
declare const workflowBrand: unique symbol;

/** A publish that the log and its publisher's keys vouch for. Made by `verify.ts` only. */
export interface VerifiedReceipt {
  readonly [receiptBrand]: true;
  readonly id: WorkflowId;
  readonly version: Version;
  readonly digest: Digest;
  readonly receipt: Receipt;
  readonly leaf: PublishLeaf;
  readonly statement: PublishStatement;
  /** The authorised keys that signed. */
  readonly signers: readonly PublicKey[];
  /** The same keys, with what the log says of how they came to be. */
  readonly signerFacts: readonly SignerFacts[];
  /** Of the signers, those that were registered by fresh authentication: no earlier key vouches for them. */
  readonly recovered: readonly KeyId[];
  readonly logIndex: number;
  /** The log: `public`, or the namespace when that is private. */
  readonly realm: string;
  /** What all proven events together say of the release. */
  readonly standing: ReleaseStanding;
  /** The documents that prove it, newest first: what to keep beside the receipt. */
  readonly standings: readonly Standing[];
  /** The newest checkpoint that was verified. */
  readonly checkpoint: SeenCheckpoint;
}

/** A workflow whose every byte is vouched for: the only thing that may be unpacked and run. Made by `verify.ts` only. */
export interface VerifiedWorkflow extends VerifiedReceipt {
  readonly [workflowBrand]: true;
  /** What of the policy let it pass. */
  readonly decision: PolicyDecision;
  readonly bundle: Bundle;
}
