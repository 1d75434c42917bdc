import { DATABASE_USAGE, parseDatabaseConfig, type DatabaseConfig } from './config/database.js';
import type { Env } from './config/env.js';
import { JOBS_USAGE, parseJobsConfig, type JobsConfig } from './config/jobs.js';
import { LIMITS_USAGE, parseLimitsConfig, type LimitsConfig } from './config/limits.js';
import { LOG_USAGE, parseLogConfig, type LogConfig } from './config/log.js';
import { OBJECTS_USAGE, parseObjectsConfig, type ObjectsConfig } from './config/objects.js';
import {
  OBSERVABILITY_USAGE,
  parseObservabilityConfig,
  type ObservabilityConfig,
} from './config/observability.js';
import { parseSignInConfig, SIGN_IN_USAGE, type SignInConfig } from './config/oidc.js';
import { parseReadsConfig, READS_USAGE, type ReadsConfig } from './config/reads.js';
import { parseTrustedConfig, TRUSTED_USAGE, type TrustedConfig } from './config/trusted.js';
import { parseSearchConfig, SEARCH_USAGE, type SearchConfig } from './config/search.js';
import { parseServerConfig, SERVER_USAGE, type ServerConfig } from './config/server.js';
import { describeUnknown, namesAskedFor } from './config/unknown-variables.js';

/** How the service runs; parsed once, from flags and environment, before anything else happens. */
export interface Config {
  readonly server: ServerConfig;
  readonly database: DatabaseConfig;
  readonly log: LogConfig;
  readonly objects: ObjectsConfig;
  readonly signIn: SignInConfig;
  readonly trusted: TrustedConfig;
  readonly limits: LimitsConfig;
  readonly jobs: JobsConfig;
  readonly reads: ReadsConfig;
  readonly search: SearchConfig;
  readonly observability: ObservabilityConfig;
}

/** Every variable of the environment, one line each. */
export const CONFIG_USAGE = [
  SERVER_USAGE,
  DATABASE_USAGE,
  OBJECTS_USAGE,
  LOG_USAGE,
  SIGN_IN_USAGE,
  TRUSTED_USAGE,
  LIMITS_USAGE,
  JOBS_USAGE,
  READS_USAGE,
  SEARCH_USAGE,
  OBSERVABILITY_USAGE,
].join('');

/** @throws StartError `usage.invalid` */
export function parseConfig(args: readonly string[], env: Env, isInteractive: boolean): Config {
  return {
    server: parseServerConfig(args, env, isInteractive),
    database: parseDatabaseConfig(env),
    log: parseLogConfig(env),
    objects: parseObjectsConfig(env),
    signIn: parseSignInConfig(env),
    trusted: parseTrustedConfig(env),
    limits: parseLimitsConfig(env),
    jobs: parseJobsConfig(env),
    reads: parseReadsConfig(env),
    search: parseSearchConfig(env),
    observability: parseObservabilityConfig(env),
  };
}

/** Every variable that the configuration asks for: what {@link parseConfig} reads, and no list beside it. */
export function listVariables(): ReadonlySet<string> {
  return namesAskedFor((env) => parseConfig([], env, false));
}

/** A line for each variable of the environment that looks like one of these and is none. */
export function describeStray(env: Env): readonly string[] {
  return describeUnknown(env, listVariables());
}
