import { isClaim, parseLogVerifier, publicKeyFromSpki, REGISTRY_ORIGIN, type KeyId } from '@sheaf/bundle';
import { printable, quote, readTomlDocument, type TomlDocument } from '@sheaf/workflow';
import { ClientError } from '../errors.js';
import { publicLogOrigin } from '../pin.js';
import { readRunLimits } from '../run-policy/parse-run-policy.js';
import { findDurationMs } from './duration.js';
import { findOidcProblem } from './lasting-claims.js';
import type { OidcRule } from './oidc-rule.js';
import { createTableReader, type TableReader } from './table-reader.js';
import type { PolicyLayer } from './trust-policy.js';

/** The longest policy file, in characters. */
export const MAX_POLICY_LENGTH = 1 << 20;
const MAX_RULES = 1000;
const MAX_KEYS = 64;
const GLOB = /^[a-z0-9*](?:[a-z0-9*-]{0,62}[a-z0-9*])?$/;
const MAX_OIDC_CLAIMS = 16;
/** Stands among the claims, and is none. */
const ANY_JOB = 'any_job';
const ISSUER = /^https?:\/\/[\x21-\x7e]{1,248}$/;
const KEY_ID = /^[0-9a-f]{64}$/;
const SETTINGS = ['mode', 'min_release_age', 'on_signer_change', 'on_yanked', 'registry', 'publisher'];

/**
 * Reads a `trust.toml` of at most 1 MiB.
 *
 * @param file how messages and rules call it
 * @throws ClientError `policy.invalid`, with `file:line:col`
 */
export function parseTrustPolicy(text: string, file: string): PolicyLayer {
  const name = printable(file, 1000);
  if (text.length > MAX_POLICY_LENGTH) throw invalid(`${name} is larger than 1 MiB`);
  const read = readTomlDocument(text);
  if ('problem' in read) {
    const { line, column, message, hint } = read.problem;
    throw invalid(`${name}:${line}:${column}: ${message}`, hint);
  }
  const top = createTableReader(read.document, file, []);
  top.known(['version', 'policy_keys', ...SETTINGS]);
  if (read.document.value['version'] !== 1)
    top.fail(
      'version',
      read.document.value['version'] === undefined ? 'version is missing' : 'version is not 1',
      'write version = 1',
    );
  return { ...readLayer(top, file), ...readPolicyKeys(top) };
}

/**
 * Reads `[policy]` of a `sheaf.toml`, which has the same members but `version`.
 *
 * @throws ClientError `policy.invalid`, with `file:line:col`
 */
export function readPolicyTable(document: TomlDocument, file: string): PolicyLayer {
  const table = createTableReader(document, file, ['policy']);
  table.known([...SETTINGS, 'run']);
  const run =
    table.table('run') === undefined ? {} : { run: readRunLimits(document, file, ['policy', 'run']) };
  return { ...readLayer(table, file), ...run };
}

function readLayer(table: TableReader, file: string): PolicyLayer {
  const mode = table.oneOf('mode', ['tofu', 'allowlist', 'deny']);
  const minReleaseAgeMs = readDuration(table, 'min_release_age');
  const onSignerChange = table.oneOf('on_signer_change', ['error', 'endorsed']);
  const onYanked = table.oneOf('on_yanked', ['warn', 'error']);
  return {
    file,
    ...(mode === undefined ? {} : { mode }),
    ...(minReleaseAgeMs === undefined ? {} : { minReleaseAgeMs }),
    ...(onSignerChange === undefined ? {} : { onSignerChange }),
    ...(onYanked === undefined ? {} : { onYanked }),
    registries: table.tables('registry', MAX_RULES).map((rule) => readRegistry(rule, file)),
    publishers: table.tables('publisher', MAX_RULES).map((rule) => readPublisher(rule, file)),
  };
}

/** Who may sign the policy for runs. Of no project: it grants. */
function readPolicyKeys(table: TableReader): Pick<PolicyLayer, 'policyKeys'> {
  const texts = table.texts('policy_keys', MAX_KEYS);
  if (texts.length === 0) return {};
  const policyKeys = texts.map((text) => {
    try {
      return publicKeyFromSpki(text);
    } catch (error) {
      const hint = 'write the line that sheaf policy sign prints';
      return table.fail('policy_keys', `${quote(text)} is no public key: ${(error as Error).message}`, hint);
    }
  });
  return { policyKeys };
}

function readRegistry(table: TableReader, file: string): PolicyLayer['registries'][number] {
  table.known(['origin', 'log_key', 'max_age']);
  const origin = readOrigin(table, 'origin');
  if (origin === undefined)
    return table.fail('origin', 'origin is missing', 'write origin = "wf.example.com"');
  const logKey = table.text('log_key');
  if (logKey !== undefined) checkLogKey(table, logKey, publicLogOrigin(origin));
  const maxAgeMs = readDuration(table, 'max_age');
  return {
    origin,
    ...(logKey === undefined ? {} : { logKey }),
    ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
    place: { file, line: table.line() },
  };
}

function readPublisher(table: TableReader, file: string): PolicyLayer['publishers'][number] {
  table.known(['namespace', 'registry', 'keys', 'oidc', 'threshold', 'min_release_age', 'deny']);
  const namespace = table.text('namespace');
  if (namespace === undefined)
    return table.fail('namespace', 'namespace is missing', 'write namespace = "acme", or "acme-*"');
  if (!GLOB.test(namespace)) {
    const hint = 'up to 64 lower-case letters, digits and hyphens; * stands for any run of them';
    table.fail('namespace', `${quote(namespace)} names no namespace`, hint);
  }
  const registry = readOrigin(table, 'registry');
  const deny = table.flag('deny') ?? false;
  const keys = readKeys(table);
  const oidc = readOidc(table);
  const signers = keys.length + (oidc === undefined ? 0 : 1);
  if (deny && signers > 0)
    table.fail(oidc === undefined ? 'keys' : 'oidc', 'a rule that denies has no keys', 'remove keys or deny');
  if (!deny && signers === 0)
    table.fail('keys', 'keys is missing', 'list the ids of keys that may sign, or write oidc or deny = true');
  const threshold = table.count('threshold') ?? 1;
  if (!deny && (threshold < 1 || threshold > signers))
    table.fail(
      'threshold',
      `threshold is not from 1 to ${signers}`,
      'it counts keys of this rule, and oidc as one',
    );
  const minReleaseAgeMs = readDuration(table, 'min_release_age');
  return {
    namespace,
    ...(registry === undefined ? {} : { registry }),
    keys,
    ...(oidc === undefined ? {} : { oidc }),
    threshold,
    ...(minReleaseAgeMs === undefined ? {} : { minReleaseAgeMs }),
    deny,
    place: { file, line: table.line() },
  };
}

/** `oidc = { issuer = "…", repository_id = "…" }`, with `any_job = true` where it is to name nobody. */
function readOidc(table: TableReader): OidcRule | undefined {
  const given = table.table('oidc');
  if (given === undefined) return undefined;
  const issuer = given.text('issuer');
  if (issuer === undefined || !ISSUER.test(issuer))
    return given.fail(
      'issuer',
      'issuer is missing, or no URL',
      'write issuer = "https://…", as the issuer has it in its tokens',
    );
  const claims = given.names().flatMap((name): readonly (readonly [string, string])[] => {
    if (name === 'issuer' || name === ANY_JOB) return [];
    const value = given.text(name) ?? '';
    if (!isClaim(name, value))
      given.fail(name, `${quote(name)} is no claim of a token`, 'write repository_id = "1296269"');
    return [[name, value]];
  });
  if (claims.length === 0 || claims.length > MAX_OIDC_CLAIMS)
    given.fail(
      'issuer',
      `oidc names no claims, or more than ${MAX_OIDC_CLAIMS}`,
      'write at least what never changes: repository_id = "1296269"',
    );
  const rule = { issuer, claims, ...(given.flag(ANY_JOB) === true ? { anyJob: true as const } : {}) };
  const problem = findOidcProblem(rule);
  if (problem !== undefined) given.fail(problem.claim ?? 'issuer', problem.message, problem.hint);
  return rule;
}

function readKeys(table: TableReader): readonly KeyId[] {
  const keys = table.texts('keys', MAX_KEYS);
  const bad = keys.find((key) => !KEY_ID.test(key));
  if (bad !== undefined)
    table.fail(
      'keys',
      `${quote(bad)} is not the id of a key`,
      'a key id has 64 lower-case hexadecimal digits',
    );
  if (new Set(keys).size !== keys.length) table.fail('keys', 'one key is listed twice', 'remove one of them');
  return keys as readonly KeyId[];
}

function readOrigin(table: TableReader, key: string): string | undefined {
  const origin = table.text(key);
  if (origin === undefined || REGISTRY_ORIGIN.test(origin)) return origin;
  return table.fail(
    key,
    `${quote(origin)} is no origin of a registry`,
    'write its host name, and port if it has one: wf.example.com',
  );
}

function readDuration(table: TableReader, key: string): number | undefined {
  const text = table.text(key);
  if (text === undefined) return undefined;
  const hint = 'write a number and s, m, h or d, at most ten years: "24h"';
  return findDurationMs(text) ?? table.fail(key, `${quote(text)} is not a duration`, hint);
}

function checkLogKey(table: TableReader, logKey: string, name: string): void {
  const hint = `copy the whole key from where the operator publishes it: ${name}+HASH+KEY`;
  let found: string;
  try {
    found = parseLogVerifier(logKey).name;
  } catch (error) {
    table.fail('log_key', (error as Error).message, hint);
  }
  if (found !== name)
    table.fail('log_key', `log_key is not the key of ${name}, but of ${quote(found)}`, hint);
}

function invalid(message: string, hint = 'see docs/TRUST.md for what may stand there'): ClientError {
  return new ClientError('policy.invalid', message, { hint });
}
