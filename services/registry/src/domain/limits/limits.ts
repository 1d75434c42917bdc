import type { LimitDefaults, LimitsConfig } from '../../config/limits.js';

/** Who is limited: a namespace, by its name, or a token, by its id. */
export type LimitSubject =
  { readonly kind: 'namespace'; readonly name: string } | { readonly kind: 'token'; readonly id: string };

/** What an administrator has set in place of the defaults; a number that is left out stays the default. */
export interface LimitOverride {
  readonly bytes?: number | undefined;
  readonly versions?: number | undefined;
  readonly workflows?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly reason: string;
  /** From then on the defaults hold again. */
  readonly expiresAt?: Date | undefined;
}

/** What a subject has stored. */
export interface Usage {
  readonly bytes: number;
  readonly versions: number;
  readonly workflows: number;
}

/** What holds for a subject, and how much of it is used. */
export interface LimitReport {
  readonly subject: LimitSubject;
  readonly limits: LimitDefaults;
  readonly used: Usage;
  /** Undefined when the defaults hold. */
  readonly override: LimitOverride | undefined;
}

/** Numbers of an override, undefined for one that is not set or has expired. */
export type SetLimits = { readonly [Field in keyof LimitDefaults]?: number | null | undefined };

/** The limits that hold: each number as it was set, or else the default. */
export function effectiveLimits(
  config: LimitsConfig,
  kind: LimitSubject['kind'],
  set: SetLimits | undefined,
): LimitDefaults {
  const defaults = config[kind];
  return {
    bytes: set?.bytes ?? defaults.bytes,
    versions: set?.versions ?? defaults.versions,
    workflows: set?.workflows ?? defaults.workflows,
    requestsPerMinute: set?.requestsPerMinute ?? defaults.requestsPerMinute,
  };
}
