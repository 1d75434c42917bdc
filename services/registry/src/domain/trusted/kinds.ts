/**
 * What kind of issuer somebody's identity token comes from. It says which claims name its holder for good (they are never
 * given to another, so a first use pins them), which a publisher must name besides, and which are told in the log.
 */
export interface IssuerKind {
  /** Claims that every publisher names exactly, and that go into the log as the identity. */
  readonly identity: readonly string[];
  /** Further claims that every publisher must name: which file of the CI publishes. */
  readonly required: readonly string[];
  /**
   * Claims of which every publisher must name one, unless there are none: a branch brings its own file of the CI, so
   * without them anybody who can push one could publish.
   */
  readonly bounds: readonly string[];
  /** Claims, by patterns, with which a job gets no key unless its publisher names the claim. */
  readonly refused: Readonly<Record<string, string>>;
  /** Claims that go into the log for people and rules, when the token has them; `required` ones among them. */
  readonly told: readonly string[];
}

export const TRUSTED_KINDS = ['github', 'gitlab', 'generic'] as const;
export type TrustedKind = (typeof TRUSTED_KINDS)[number];

/** `workflow_path` is no claim of theirs: see `readClaims`. */
const KINDS: Readonly<Record<TrustedKind, IssuerKind>> = {
  github: {
    identity: ['repository_id', 'repository_owner_id'],
    required: ['workflow_path'],
    bounds: ['ref', 'environment'],
    refused: { event_name: 'pull_request*' },
    told: [
      'repository',
      'workflow_path',
      'environment',
      'ref',
      'sha',
      'run_id',
      'event_name',
      'runner_environment',
    ],
  },
  gitlab: {
    identity: ['project_id', 'namespace_id'],
    required: ['workflow_path'],
    bounds: ['ref_path', 'environment', 'ref_protected'],
    refused: {},
    told: [
      'project_path',
      'workflow_path',
      'environment',
      'ref_path',
      'ref_protected',
      'sha',
      'pipeline_id',
      'runner_environment',
    ],
  },
  generic: { identity: ['sub'], required: [], bounds: [], refused: {}, told: [] },
};

/** An issuer whose identity tokens this registry takes, by its operator's word. */
export interface TrustedIssuer {
  /** As `iss` has it, to the letter. */
  readonly issuer: string;
  readonly kind: TrustedKind;
  /** What `aud` must be. */
  readonly audience: string;
  /** For `generic` only: which claims name the holder for good, instead of `sub`. */
  readonly identity?: readonly string[] | undefined;
}

export function kindOf({ kind, identity }: Pick<TrustedIssuer, 'kind' | 'identity'>): IssuerKind {
  const preset = KINDS[kind];
  return kind === 'generic' && identity !== undefined ? { ...preset, identity } : preset;
}
