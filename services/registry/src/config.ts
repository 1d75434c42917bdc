import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { WitnessEndpoint } from './domain/log/ask-witness.js';
import { StartError } from './start-error.js';
import { parseWitnessEndpoints } from './witness/witness-endpoints.js';

/** How the service runs; parsed once, from flags and environment, before anything else happens. */
export interface Config {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly dataDir: string;
  /** Unset: a private PostgreSQL in the data directory. */
  readonly databaseUrl: string | undefined;
  readonly databaseConnections: number;
  /** Host that statements are signed for. Unset: what the database holds, or a new local one on the first start. */
  readonly origin: string | undefined;
  /** PEM text or path of the key that signs the log. Unset: `log-key.json` in the data directory. */
  readonly logSigningKey: string | undefined;
  readonly logLevel: string;
  /** Witnesses that are asked to cosign checkpoints. */
  readonly witnesses: readonly WitnessEndpoint[];
  /** Realms whose checkpoints they are shown. */
  readonly witnessRealms: readonly string[];
  /** Longest that a publish waits for them. */
  readonly witnessTimeoutMs: number;
  /** Memory for uploads in progress, in bytes. */
  readonly uploadBudgetBytes: number;
  /** Name of a failpoint at which the process kills itself: for crash tests only. */
  readonly failpoint: string | undefined;
}

export const DEFAULT_PORT = 7433;
const REALM = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];
const ORIGIN = /^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::\d{1,5})?$/;

export const USAGE = `usage: sheaf-registry serve [--host H] [--port P] [--data-dir DIR]

  --host H        address to listen on (default 127.0.0.1)
  --port P        port to listen on, 0 for any (default ${DEFAULT_PORT})
  --data-dir DIR  where the private database, the blobs and the keys are kept (default .sheaf)

environment:
  DATABASE_URL              PostgreSQL 15 or newer, instead of the private one
  SHEAF_ORIGIN              host that statements are signed for, such as wf.example.com; fixed at the first start
  SHEAF_LOG_SIGNING_KEY     Ed25519 key of the log: PKCS #8 PEM, or the path of such a file
  SHEAF_WITNESSES           witnesses that cosign the log: URL VKEY, on lines of their own or separated by commas
  SHEAF_WITNESS_REALMS      realms whose checkpoints they are shown (default public)
  SHEAF_WITNESS_TIMEOUT_MS  longest that a publish waits for them (default 2000)
  SHEAF_LOG_LEVEL           ${LOG_LEVELS.join(', ')}
  SHEAF_DATABASE_CONNECTIONS  connections to the database (default 10)
`;

/** @throws StartError `usage.invalid` */
export function parseConfig(args: readonly string[], env: NodeJS.ProcessEnv, isInteractive: boolean): Config {
  const values = parseFlags(args);
  const dataDir = values['data-dir'] ?? env['SHEAF_DATA_DIR'] ?? '.sheaf';
  const origin = optional(env['SHEAF_ORIGIN']);
  if (origin !== undefined && !ORIGIN.test(origin)) {
    throw usage(
      `SHEAF_ORIGIN ${JSON.stringify(origin)} is not a host`,
      'use a lower-case host name, such as wf.example.com',
    );
  }
  return {
    host: values.host ?? env['SHEAF_HOST'] ?? '127.0.0.1',
    port: parseNumber('--port', values.port ?? env['SHEAF_PORT'] ?? String(DEFAULT_PORT), 0, 65_535),
    dataDir: resolve(expandHome(dataDir)),
    databaseUrl: optional(env['DATABASE_URL']),
    databaseConnections: parseNumber(
      'SHEAF_DATABASE_CONNECTIONS',
      env['SHEAF_DATABASE_CONNECTIONS'] ?? '10',
      2,
      500,
    ),
    origin,
    logSigningKey: optional(env['SHEAF_LOG_SIGNING_KEY']),
    logLevel: parseLogLevel(env['SHEAF_LOG_LEVEL'] ?? (isInteractive ? 'warn' : 'info')),
    witnesses: parseWitnessEndpoints(env['SHEAF_WITNESSES'] ?? ''),
    witnessRealms: parseRealms(optional(env['SHEAF_WITNESS_REALMS']) ?? 'public'),
    witnessTimeoutMs: parseNumber(
      'SHEAF_WITNESS_TIMEOUT_MS',
      env['SHEAF_WITNESS_TIMEOUT_MS'] ?? '2000',
      100,
      30_000,
    ),
    uploadBudgetBytes: 256 * 1024 * 1024,
    failpoint: optional(env['SHEAF_FAILPOINT']),
  };
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
    throw usage(
      (cause as Error).message.split('\n', 1)[0] ?? 'the flags are not valid',
      'see sheaf-registry --help',
      cause,
    );
  }
}

function parseNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most)
    throw usage(`${name} ${JSON.stringify(text)} is not valid`, `use a number from ${least} to ${most}`);
  return value;
}

/** `public` and names of private namespaces, separated by commas. */
function parseRealms(text: string): readonly string[] {
  const realms = text.split(',').map((realm) => realm.trim());
  const wrong = realms.find((realm) => !REALM.test(realm));
  if (wrong !== undefined)
    throw usage(
      `SHEAF_WITNESS_REALMS: ${JSON.stringify(wrong)} is not a realm`,
      'use public, and names of private namespaces, separated by commas',
    );
  return realms;
}

/** @throws StartError `usage.invalid` */
export function parseLogLevel(text: string): string {
  if (!LOG_LEVELS.includes(text))
    throw usage(`SHEAF_LOG_LEVEL ${JSON.stringify(text)} is unknown`, `use one of ${LOG_LEVELS.join(', ')}`);
  return text;
}

/** An empty variable is an unset one. */
function optional(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function expandHome(path: string): string {
  return path.startsWith('~/') && !isAbsolute(path) ? join(homedir(), path.slice(2)) : path;
}

function usage(message: string, hint: string, cause?: unknown): StartError {
  return new StartError('usage.invalid', message, hint, cause);
}
