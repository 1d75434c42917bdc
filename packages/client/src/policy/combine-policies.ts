import type {
  PolicyLayer,
  RegistryRule,
  PublisherRule,
  TrustMode,
  TrustPolicy,
  LayerName,
} from './trust-policy.js';

/** The layers that were found. */
export interface PolicyLayers {
  readonly machine?: PolicyLayer | undefined;
  readonly user?: PolicyLayer | undefined;
  /** A repository's `[policy]`: whatever would loosen is passed over. */
  readonly project?: PolicyLayer | undefined;
}

const STRICTNESS: Readonly<Record<TrustMode, number>> = { tofu: 0, allowlist: 1, deny: 2 };

/**
 * Joins the layers: the user's settings stand before the machine's, rules of both count, and a project's settings
 * count where they are stricter. Rules of a project restrict, and never allow what nobody else allows.
 *
 * @param options.ci nobody is watching: the mode is `allowlist` unless a file of machine or user names one
 */
export function combinePolicies(layers: PolicyLayers, options: { readonly ci: boolean }): TrustPolicy {
  const { machine, user, project } = layers;
  const [mode, modeFrom] = combineModes(layers, options.ci);
  const strict = <T>(value: T, ...asked: readonly (T | undefined)[]): boolean => asked.includes(value);
  return {
    mode,
    modeFrom,
    minReleaseAgeMs: user?.minReleaseAgeMs ?? machine?.minReleaseAgeMs ?? 0,
    projectMinReleaseAgeMs: project?.minReleaseAgeMs ?? 0,
    onSignerChange:
      strict('error', project?.onSignerChange) ||
      (user?.onSignerChange ?? machine?.onSignerChange) !== 'endorsed'
        ? 'error'
        : 'endorsed',
    onYanked: strict('error', user?.onYanked ?? machine?.onYanked, project?.onYanked) ? 'error' : 'warn',
    registries: collect<RegistryRule>(layers, (layer) => layer.registries),
    publishers: collect<PublisherRule>(layers, (layer) => layer.publishers),
  };
}

function combineModes({ machine, user, project }: PolicyLayers, ci: boolean): readonly [TrustMode, string] {
  const author = [user, machine].find((layer) => layer?.mode !== undefined);
  const base: readonly [TrustMode, string] =
    author?.mode !== undefined
      ? [author.mode, author.file]
      : ci
        ? ['allowlist', 'CI=true']
        : ['tofu', 'the default'];
  if (project?.mode === undefined || STRICTNESS[project.mode] <= STRICTNESS[base[0]]) return base;
  return [project.mode, project.file];
}

function collect<R extends { readonly layer: LayerName }>(
  layers: PolicyLayers,
  rulesOf: (layer: PolicyLayer) => readonly Omit<R, 'layer'>[],
): readonly R[] {
  return (['machine', 'user', 'project'] as const).flatMap((layer) => {
    const found = layers[layer];
    return found === undefined ? [] : rulesOf(found).map((rule) => ({ ...rule, layer }) as R);
  });
}
