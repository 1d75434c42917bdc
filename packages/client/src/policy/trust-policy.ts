import type { KeyId, PublicKey } from '@sheaf/bundle';
import type { RunLimits } from '../run-policy/run-policy.js';
import type { OidcRule } from './oidc-rule.js';
import type { PolicyPlace } from './policy-place.js';
import type { SignerIdentity } from './signer-identity.js';

export type { PolicyPlace } from './policy-place.js';

/**
 * What happens to a publisher without a rule: `tofu` asks at the first use and remembers the answer, `allowlist`
 * refuses, and `deny` refuses everybody, with a rule or without.
 */
export type TrustMode = 'tofu' | 'allowlist' | 'deny';

/** Who wrote a layer. A repository's own layer may only tighten what the other two allow. */
export type LayerName = 'machine' | 'user' | 'project';

/** What is demanded of one registry. */
export interface RegistryRule {
  readonly origin: string;
  /** The C2SP verifier key that its public log must have. */
  readonly logKey?: string;
  /** How old the newest checkpoint may be. */
  readonly maxAgeMs?: number;
  readonly place: PolicyPlace;
  readonly layer: LayerName;
}

/** Whose signatures count for the namespaces that a pattern names, or that nobody's do. */
export interface PublisherRule {
  /** `*` stands for any run of characters. */
  readonly namespace: string;
  /** The registry's origin; any registry when it is left out. */
  readonly registry?: string;
  readonly keys: readonly KeyId[];
  /** A job that an issuer vouches for counts as one of the keys. */
  readonly oidc?: OidcRule;
  /** How many of the keys must have signed, at least 1. */
  readonly threshold: number;
  readonly minReleaseAgeMs?: number;
  readonly deny: boolean;
  readonly place: PolicyPlace;
  readonly layer: LayerName;
}

/** One file of policy: only what it says. */
export interface PolicyLayer {
  readonly file: string;
  readonly mode?: TrustMode;
  readonly minReleaseAgeMs?: number;
  readonly onSignerChange?: 'error' | 'endorsed';
  readonly onYanked?: 'warn' | 'error';
  /** Who may sign the policy for runs: of machine and user alone. */
  readonly policyKeys?: readonly PublicKey[];
  /** What runs are held to beside that policy: of a project alone. */
  readonly run?: RunLimits;
  readonly registries: readonly Omit<RegistryRule, 'layer'>[];
  readonly publishers: readonly Omit<PublisherRule, 'layer'>[];
}

/** All layers together: what is decided by. */
export interface TrustPolicy {
  readonly mode: TrustMode;
  /** What made the mode so, for messages: a file, `CI=true`, or `the default`. */
  readonly modeFrom: string;
  /** For publishers whose rule says nothing of it. */
  readonly minReleaseAgeMs: number;
  /** What a project asks for, whatever a rule says. */
  readonly projectMinReleaseAgeMs: number;
  readonly onSignerChange: 'error' | 'endorsed';
  readonly onYanked: 'warn' | 'error';
  readonly registries: readonly RegistryRule[];
  readonly publishers: readonly PublisherRule[];
}

/** A publisher that somebody here accepted at its first use. */
export interface AcceptedPublisher {
  /** The registry, as `registryIdOf` names it. */
  readonly registry: string;
  readonly origin: string;
  readonly namespace: string;
  readonly keys: readonly KeyId[];
  /** How many keys had signed then; later releases must have as many of them. */
  readonly threshold: number;
  /** RFC 3339, UTC. */
  readonly acceptedAt: string;
  /** Asked and answered, by a flag, or because accepted keys vouched for the new one. */
  readonly how: 'asked' | 'flag' | 'endorsed';
}

/** One key under a release, as the log has it. */
export interface SignerFacts {
  /** Of an ephemeral key what stands for its holder, see `identityId`: the key itself is another one each time. */
  readonly keyid: KeyId;
  /** Who holds the key, when it is ephemeral. */
  readonly identity?: SignerIdentity;
  /** Log index of the leaf that added it. */
  readonly addedIndex: number;
  /** Seconds since the epoch, by the registry's clock. */
  readonly addedAtSeconds: number;
  /** Added by fresh authentication: no earlier key of the namespace vouches for it. */
  readonly recovered: boolean;
}

/** What somebody is asked at the first use of a publisher. */
export interface PublisherQuestion {
  readonly origin: string;
  readonly namespace: string;
  readonly id: string;
  readonly version: string;
  readonly signers: readonly SignerFacts[];
}
