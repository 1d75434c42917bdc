import { numberOf, type Env } from './env.js';

/** How searches are served. */
export interface SearchConfig {
  /** Connections of one process that do nothing but search, beside those for everything else. */
  readonly connections: number;
}

export const SEARCH_USAGE = `\
  SHEAF_SEARCH_CONNECTIONS  connections of one process that only search (default 4)
`;

/** @throws StartError `usage.invalid` */
export function parseSearchConfig(env: Env): SearchConfig {
  return { connections: numberOf(env, 'SHEAF_SEARCH_CONNECTIONS', { default: 4, least: 1, most: 100 }) };
}
