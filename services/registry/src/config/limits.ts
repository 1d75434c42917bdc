import { MOST_NAMESPACES } from '../domain/limits/most-namespaces.js';
import { numberOf, parseNumber, textOf, type Env } from './env.js';

/** How much one subject may store and ask for; undefined for as much as it likes. */
export interface LimitDefaults {
  /** Of compressed bundles, together. */
  readonly bytes: number | undefined;
  readonly versions: number | undefined;
  readonly workflows: number | undefined;
  readonly requestsPerMinute: number | undefined;
}

/** What holds for whoever has no limits of its own. */
export interface LimitsConfig {
  readonly namespace: LimitDefaults;
  readonly token: LimitDefaults;
  /** Versions of one workflow: its document tells of all of them. */
  readonly workflowVersions: number | undefined;
  /** Namespaces that one person is a member of. */
  readonly userNamespaces: number;
}

export const LIMITS_USAGE = `\
  SHEAF_LIMIT_NAMESPACE_BYTES      bundles of a namespace, compressed, in bytes (default ${20 * 2 ** 30})
  SHEAF_LIMIT_NAMESPACE_VERSIONS   versions of a namespace (default 200000)
  SHEAF_LIMIT_NAMESPACE_WORKFLOWS  workflows of a namespace (default 50000)
  SHEAF_LIMIT_NAMESPACE_REQUESTS   requests a minute to a namespace (default none)
  SHEAF_LIMIT_WORKFLOW_VERSIONS    versions of one workflow (default 10000)
  SHEAF_LIMIT_USER_NAMESPACES      namespaces that a person is a member of, up to ${MOST_NAMESPACES} (default 100)
  SHEAF_LIMIT_TOKEN_BYTES          bundles published with one token, in bytes (default none)
  SHEAF_LIMIT_TOKEN_VERSIONS       versions published with one token (default none)
  SHEAF_LIMIT_TOKEN_WORKFLOWS      workflows first published with one token (default none)
  SHEAF_LIMIT_TOKEN_REQUESTS       requests a minute with one token (default 60000)
`;

const NONE = 'none';

/** @throws StartError `usage.invalid` */
export function parseLimitsConfig(env: Env): LimitsConfig {
  const limit = (name: string, otherwise: number | undefined): number | undefined => {
    const variable = `SHEAF_LIMIT_${name}`;
    const text = textOf(env, variable);
    if (text === undefined) return otherwise;
    return text === NONE ? undefined : parseNumber(variable, text, { least: 0, most: 2 ** 49 });
  };
  return {
    namespace: {
      bytes: limit('NAMESPACE_BYTES', 20 * 2 ** 30),
      versions: limit('NAMESPACE_VERSIONS', 200_000),
      workflows: limit('NAMESPACE_WORKFLOWS', 50_000),
      requestsPerMinute: limit('NAMESPACE_REQUESTS', undefined),
    },
    token: {
      bytes: limit('TOKEN_BYTES', undefined),
      versions: limit('TOKEN_VERSIONS', undefined),
      workflows: limit('TOKEN_WORKFLOWS', undefined),
      requestsPerMinute: limit('TOKEN_REQUESTS', 60_000),
    },
    workflowVersions: limit('WORKFLOW_VERSIONS', 10_000),
    userNamespaces: numberOf(env, 'SHEAF_LIMIT_USER_NAMESPACES', {
      default: 100,
      least: 1,
      most: MOST_NAMESPACES,
    }),
  };
}

/** As when nothing is set. */
export const DEFAULT_LIMITS_CONFIG: LimitsConfig = parseLimitsConfig({});
