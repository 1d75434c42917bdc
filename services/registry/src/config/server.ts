import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { numberOf, parseNumber, textOf, usageError, wordOf, type Env } from './env.js';
import { describeFlagFault } from './flag-fault.js';

/** Where the service listens and what it keeps on the disk. */
export interface ServerConfig {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly dataDir: string;
  readonly logLevel: LogLevel;
  /** Processes that serve requests. 1: the one that was started serves. */
  readonly workers: number;
  /** Most that one process has open at once; further ones are refused. */
  readonly maxConnections: number;
  /** Longest that requests in progress get to end when the service stops. */
  readonly drainTimeoutMs: number;
  /** How long the service goes on taking requests after `/readyz` says that it stops. */
  readonly stopDelayMs: number;
  /** The newest version of the command line to tell of; `none` to tell of none. Unset: the version of the service. */
  readonly cliLatest: string | undefined;
  /** Name of a failpoint at which the process kills itself: for crash tests only. */
  readonly failpoint: string | undefined;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const DEFAULT_PORT = 7433;
const PORTS = { least: 0, most: 65_535 } as const;

export const SERVER_USAGE = `\
  SHEAF_HOST                address to listen on, as --host
  SHEAF_PORT                port to listen on, as --port
  SHEAF_DATA_DIR            folder of the private database, the blobs and the keys, as --data-dir
  SHEAF_WORKERS             processes that serve requests (default 1)
  SHEAF_MAX_CONNECTIONS     connections that one process has open at once; new ones beyond it are refused (default 4000)
  SHEAF_LOG_LEVEL           ${LOG_LEVELS.join(', ')}
  SHEAF_DRAIN_TIMEOUT_MS    longest that requests in progress get to end at a stop (default 30000)
  SHEAF_STOP_DELAY_MS       how long requests are still taken after /readyz says that it stops (default 0)
  SHEAF_CLI_LATEST          newest version of the command line, of which it tells its users once a day at most;
                            none tells them nothing (default: the version of the service)
`;

/** @throws StartError `usage.invalid` */
export function parseServerConfig(args: readonly string[], env: Env, isInteractive: boolean): ServerConfig {
  const flags = parseFlags(args);
  return {
    host: flags.host ?? textOf(env, 'SHEAF_HOST') ?? '127.0.0.1',
    port:
      flags.port === undefined
        ? numberOf(env, 'SHEAF_PORT', { default: DEFAULT_PORT, ...PORTS })
        : parseNumber('--port', flags.port, PORTS),
    dataDir: resolve(expandHome(flags['data-dir'] ?? textOf(env, 'SHEAF_DATA_DIR') ?? '.sheaf')),
    logLevel: parseLogLevel(env, isInteractive),
    workers: numberOf(env, 'SHEAF_WORKERS', { default: 1, least: 1, most: 64 }),
    maxConnections: numberOf(env, 'SHEAF_MAX_CONNECTIONS', { default: 4_000, least: 1, most: 1_000_000 }),
    drainTimeoutMs: numberOf(env, 'SHEAF_DRAIN_TIMEOUT_MS', { default: 30_000, least: 0, most: 600_000 }),
    stopDelayMs: numberOf(env, 'SHEAF_STOP_DELAY_MS', { default: 0, least: 0, most: 120_000 }),
    cliLatest: parseCliLatest(textOf(env, 'SHEAF_CLI_LATEST')),
    failpoint: textOf(env, 'SHEAF_FAILPOINT'),
  };
}

/** @throws StartError `usage.invalid` */
export function parseLogLevel(env: Env, isInteractive: boolean): LogLevel {
  return wordOf(env, 'SHEAF_LOG_LEVEL', LOG_LEVELS, isInteractive ? 'warn' : 'info');
}

function parseCliLatest(text: string | undefined): string | undefined {
  if (text === undefined || text === 'none' || /^\d{1,9}\.\d{1,9}\.\d{1,9}$/.test(text)) return text;
  throw usageError(
    `SHEAF_CLI_LATEST ${JSON.stringify(text)} is no version`,
    'use a version such as 1.2.3, or none',
  );
}

function parseFlags(args: readonly string[]) {
  const options = {
    host: { type: 'string' },
    port: { type: 'string' },
    'data-dir': { type: 'string' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw usageError(describeFlagFault(cause), 'see sheaf-registry --help');
  }
}

function expandHome(path: string): string {
  return path.startsWith('~/') && !isAbsolute(path) ? join(homedir(), path.slice(2)) : path;
}
