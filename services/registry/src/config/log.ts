import type { WitnessEndpoint } from '../domain/log/ask-witness.js';
import { parseWitnessEndpoints } from '../witness/witness-endpoints.js';
import { numberOf, secretOf, textOf, usageError, type Env } from './env.js';

/** Who the registry is, and who cosigns its logs. */
export interface LogConfig {
  /** Host that statements are signed for. Unset: what the database holds, or a new local one on the first start. */
  readonly origin: string | undefined;
  /** PEM text or path of the key that signs the log. Unset: `log-key.json` in the data directory. */
  readonly signingKey: string | undefined;
  /** Witnesses that are asked to cosign checkpoints. */
  readonly witnesses: readonly WitnessEndpoint[];
  /** Realms whose checkpoints they are shown. */
  readonly witnessRealms: readonly string[];
  /** Longest that a publish waits for them. */
  readonly witnessTimeoutMs: number;
}

const ORIGIN = /^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::\d{1,5})?$/;
const REALM = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

export const LOG_USAGE = `\
  SHEAF_ORIGIN              host that statements are signed for, such as wf.example.com; fixed at the first start
  SHEAF_LOG_SIGNING_KEY     Ed25519 key of the log: PKCS #8 PEM, or the path of such a file;
                            or SHEAF_LOG_SIGNING_KEY_FILE
  SHEAF_WITNESSES           witnesses that cosign the log: URL VKEY, on lines of their own or separated by commas
  SHEAF_WITNESS_REALMS      realms whose checkpoints they are shown (default public)
  SHEAF_WITNESS_TIMEOUT_MS  longest that a publish waits for them (default 2000)
`;

/** @throws StartError `usage.invalid` */
export function parseLogConfig(env: Env): LogConfig {
  return {
    origin: parseOrigin(textOf(env, 'SHEAF_ORIGIN')),
    signingKey: secretOf(env, 'SHEAF_LOG_SIGNING_KEY'),
    witnesses: parseWitnessEndpoints(textOf(env, 'SHEAF_WITNESSES') ?? ''),
    witnessRealms: parseRealms(textOf(env, 'SHEAF_WITNESS_REALMS') ?? 'public'),
    witnessTimeoutMs: numberOf(env, 'SHEAF_WITNESS_TIMEOUT_MS', {
      default: 2000,
      least: 100,
      most: 30_000,
    }),
  };
}

function parseOrigin(origin: string | undefined): string | undefined {
  if (origin === undefined || ORIGIN.test(origin)) return origin;
  throw usageError(
    `SHEAF_ORIGIN ${JSON.stringify(origin)} is not a host`,
    'use a lower-case host name, such as wf.example.com',
  );
}

/** `public` and names of private namespaces, separated by commas. */
function parseRealms(text: string): readonly string[] {
  const realms = text.split(',').map((realm) => realm.trim());
  const wrong = realms.find((realm) => !REALM.test(realm));
  if (wrong === undefined) return realms;
  throw usageError(
    `SHEAF_WITNESS_REALMS: ${JSON.stringify(wrong)} is not a realm`,
    'use public, and names of private namespaces, separated by commas',
  );
}
