import { findSizeBytes, printable, quote, readTomlDocument, type TomlDocument } from '@sheaf/workflow';
import { REGISTRY_ORIGIN } from '@sheaf/bundle';
import { ClientError } from '../errors.js';
import { findDurationMs } from '../policy/duration.js';
import { createTableReader, type TableReader } from '../policy/table-reader.js';
import { POLICY_PROFILES, type PolicyProfile, type RunCeilings, type RunLimits } from './run-policy.js';

/** The longest policy, in characters: an envelope holds it in base64. */
const MAX_LENGTH = 40_000;
const MAX_ENTRIES = 1_000;
const NAME = '[a-z0-9*](?:[a-z0-9*-]{0,62}[a-z0-9*])?';
const PUBLISHER = new RegExp(`^${NAME}(?:/${NAME})?$`);
const HOST =
  /^(?:\*|(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?|\[[0-9a-f:.]{2,45}\](?::\d{1,5})?)$/;
const IMAGE = /^[a-z0-9][\x21-\x7e]{0,511}$/i;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** What a policy says, before anybody knows who signed it. */
export interface ReadRunPolicy {
  readonly version: number;
  readonly expiresMs?: number;
  readonly limits: RunLimits;
}

/**
 * Reads a policy for runs: `version`, `expires`, and `[run]`.
 *
 * @param file how messages call it
 * @throws ClientError `policy.invalid`, with `file:line:col`
 */
export function parseRunPolicy(text: string, file: string): ReadRunPolicy {
  const name = printable(file, 1000);
  if (text.length > MAX_LENGTH) throw invalid(`${name} is longer than ${MAX_LENGTH} characters`);
  const read = readTomlDocument(text);
  if ('problem' in read) {
    const { line, column, message, hint } = read.problem;
    throw invalid(`${name}:${line}:${column}: ${message}`, hint);
  }
  const top = createTableReader(read.document, file, []);
  top.known(['version', 'expires', 'run']);
  const version = top.count('version') ?? 0;
  if (version < 1)
    top.fail('version', 'version is missing, or not from 1', 'write version = 1, and one more each time');
  const expires = top.text('expires');
  const expiresMs = expires === undefined ? undefined : readTime(top, expires);
  if (top.table('run') === undefined)
    top.fail('run', '[run] is missing', 'write [run], and what runs are held to');
  return {
    version,
    ...(expiresMs === undefined ? {} : { expiresMs }),
    limits: readRunLimits(read.document, file, ['run']),
  };
}

/** Reads the table of a policy that says what runs are held to. @throws ClientError `policy.invalid` */
export function readRunLimits(document: TomlDocument, file: string, path: readonly string[]): RunLimits {
  const table = createTableReader(document, file, path);
  table.known(['registries', 'publishers', 'hosts', 'images', 'profiles', 'ceilings']);
  const list = <K extends string>(key: K, form: RegExp, hint: string): Entries<K> =>
    readList(table, key, form, hint);
  const profiles = table.table('profiles');
  profiles?.known(['registry', 'local']);
  return {
    ...list(
      'registries',
      REGISTRY_ORIGIN,
      'write host names, with the port if there is one: "wf.example.com"',
    ),
    ...list('publishers', PUBLISHER, 'write namespaces or workflows, * for any run of characters: "acme-*"'),
    ...list('hosts', HOST, 'write host names, "*." before a domain for all below it, or "*"'),
    ...list('images', IMAGE, 'write what images begin with, or a digest: "ghcr.io/acme/", "sha256:…"'),
    profiles: { registry: readProfiles(profiles, 'registry'), local: readProfiles(profiles, 'local') },
    ceilings: readCeilings(table.table('ceilings')),
    place: { file, line: table.line() },
  };
}

type Entries<K extends string> = Readonly<Partial<Record<K, readonly string[]>>>;

function readList<K extends string>(table: TableReader, key: K, form: RegExp, hint: string): Entries<K> {
  const read: Partial<Record<string, readonly string[]>> = {};
  if (table.names().includes(key)) {
    const entries = table.texts(key, MAX_ENTRIES);
    const bad = entries.find((entry) => !form.test(entry));
    if (bad !== undefined) table.fail(key, `${quote(bad)} cannot stand in ${key}`, hint);
    read[key] = entries;
  }
  return read as Entries<K>;
}

function readProfiles(
  table: TableReader | undefined,
  key: 'registry' | 'local',
): readonly PolicyProfile[] | undefined {
  if (table?.names().includes(key) !== true) return undefined;
  const given = table.texts(key, POLICY_PROFILES.length);
  const bad = given.find((each) => !POLICY_PROFILES.some((profile) => profile === each));
  if (bad !== undefined)
    table.fail(
      key,
      `${quote(bad)} is no profile`,
      `write some of ${POLICY_PROFILES.join(', ')}; [] refuses all`,
    );
  return POLICY_PROFILES.filter((profile) => given.includes(profile));
}

const CEILINGS = ['timeout', 'parallel', 'cpus', 'memory', 'items', 'artifact_size', 'processes'];
/** A shell of a few programs needs so many. */
const LEAST_PROCESSES = 16;

function readCeilings(table: TableReader | undefined): RunCeilings {
  if (table === undefined) return {};
  table.known(CEILINGS);
  const count = (key: string, least = 1): number | undefined => {
    const value = table.count(key);
    if (value !== undefined && value < least)
      table.fail(key, `${key} is less than ${least}`, `write at least ${least}`);
    return value;
  };
  const measured = (key: string, read: (text: string) => number | undefined, example: string) => {
    const text = table.text(key);
    return text === undefined
      ? undefined
      : (read(text) ?? table.fail(key, `${quote(text)} is no ${key}`, example));
  };
  const ceilings = {
    timeoutMs: measured(
      'timeout',
      (text) => (text.startsWith('0') ? undefined : findDurationMs(text)),
      'write a time: "90s", "15m", "1h"',
    ),
    maxParallel: count('parallel'),
    cpus: count('cpus'),
    memoryBytes: measured('memory', findSizeBytes, 'write an amount: "512MiB", "4GiB"'),
    items: count('items'),
    artifactBytes: measured('artifact_size', findSizeBytes, 'write an amount: "100MiB"'),
    processes: count('processes', LEAST_PROCESSES),
  };
  return Object.fromEntries(Object.entries(ceilings).filter(([, value]) => value !== undefined));
}

function readTime(table: TableReader, text: string): number {
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  return table.fail('expires', `${quote(text)} is no time`, 'write expires = "2027-01-01T00:00:00Z"');
}

function invalid(message: string, hint = 'see docs/POLICY.md for what may stand there'): ClientError {
  return new ClientError('policy.invalid', message, { hint });
}
