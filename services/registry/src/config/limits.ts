import { parseNumber, textOf, type Env } from './env.js';

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
}

export const LIMITS_USAGE = `\
  SHEAF_LIMIT_NAMESPACE_BYTES      bundles of a namespace, compressed, in bytes (default ${20 * 2 ** 30})
  SHEAF_LIMIT_NAMESPACE_VERSIONS   versions of a namespace (default 200000)
  SHEAF_LIMIT_NAMESPACE_WORKFLOWS  workflows of a namespace (default 50000)
  SHEAF_LIMIT_NAMESPACE_REQUESTS   requests a minute to a namespace (default none)
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
  };
}

/** As when nothing is set. */
export const DEFAULT_LIMITS_CONFIG: LimitsConfig = parseLimitsConfig({});
