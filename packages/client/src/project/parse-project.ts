import { printable, quote, readTomlDocument, type JsonValue, type TomlDocument } from '@sheaf/workflow';
import { ClientError, isClientError, type ClientErrorCode } from '../errors.js';
import { readPolicyTable } from '../policy/parse-policy.js';
import { parseReference, type Reference } from '../reference.js';
import { normalizeRegistryUrl } from '../registry/url.js';
import type { Project, ProjectWorkflow } from './project.js';

const MAX_LENGTH = 1 << 20;
const MAX_REGISTRIES = 100;
const MAX_WORKFLOWS = 1000;
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const NAME_HINT = 'use 1 to 64 lower-case letters, digits and hyphens, with a letter or digit at both ends';
const TABLES: readonly string[] = ['registries', 'workflows', 'policy'];

/**
 * Reads `sheaf.toml`, at most 1 MiB.
 *
 * @param file how messages call it
 * @param reservedNames names that no workflow may have here, because they mean something else: the verbs of the
 *   command line
 * @throws ClientError `project.invalid`, `project.name_reserved`, `policy.invalid`, each with `file:line:col`
 */
export function parseProject(text: string, file: string, reservedNames: ReadonlySet<string>): Project {
  if (text.length > MAX_LENGTH) throw invalid(`${printable(file, 1000)} is larger than 1 MiB`);
  const read = readTomlDocument(text);
  if ('problem' in read) {
    const { line, column, message, hint } = read.problem;
    throw invalid(`${printable(file, 1000)}:${line}:${column}: ${message}`, hint);
  }
  const reader = createReader(read.document, file);
  for (const key of Object.keys(read.document.value)) {
    if (!TABLES.includes(key))
      reader.fail([key], 'key', `unknown key ${quote(key)}`, 'known: [registries], [workflows], [policy]');
  }
  const registries = readRegistries(reader);
  const workflows = readWorkflows(reader, registries, reservedNames);
  return {
    file,
    registries,
    workflows,
    ...(read.document.value['policy'] === undefined ? {} : { policy: readPolicyTable(read.document, file) }),
  };
}

interface Reader {
  readonly document: TomlDocument;
  /** The entries of a table whose values are all text. */
  readonly texts: (table: string, max: number) => readonly (readonly [key: string, text: string])[];
  readonly fail: (
    path: readonly string[],
    at: 'key' | 'value',
    problem: string,
    hint?: string,
    code?: ClientErrorCode,
  ) => never;
}

function createReader(document: TomlDocument, file: string): Reader {
  const fail: Reader['fail'] = (path, at, problem, hint, code = 'project.invalid') => {
    const { line, column } = document.placeOf(path, at);
    throw invalid(`${printable(file, 1000)}:${line}:${column}: ${problem}`, hint, code);
  };
  return {
    document,
    fail,
    texts: (table, max) => {
      const value = document.value[table];
      if (value === undefined) return [];
      if (!isTable(value)) return fail([table], 'key', `${table} must be a table`, `write [${table}]`);
      const entries = Object.entries(value);
      if (entries.length > max) fail([table], 'key', `${table} has more than ${max} entries`);
      return entries.map(([key, text]) =>
        typeof text === 'string'
          ? [key, text]
          : fail([table, key], 'value', `${table}.${printable(key)} must be text`, 'put it in quotes'),
      );
    },
  };
}

function readRegistries(reader: Reader): ReadonlyMap<string, string> {
  const registries = new Map<string, string>();
  for (const [name, text] of reader.texts('registries', MAX_REGISTRIES)) {
    const path = ['registries', name];
    if (!NAME.test(name)) reader.fail(path, 'key', `${quote(name)} is no name of a registry`, NAME_HINT);
    try {
      registries.set(name, normalizeRegistryUrl(text));
    } catch (error) {
      if (!isClientError(error)) throw error;
      reader.fail(path, 'value', error.message, error.hint);
    }
  }
  return registries;
}

function readWorkflows(
  reader: Reader,
  registries: ReadonlyMap<string, string>,
  reserved: ReadonlySet<string>,
): ReadonlyMap<string, ProjectWorkflow> {
  const workflows = new Map<string, ProjectWorkflow>();
  for (const [name, text] of reader.texts('workflows', MAX_WORKFLOWS)) {
    const path = ['workflows', name];
    if (!NAME.test(name)) reader.fail(path, 'key', `${quote(name)} is no name of a workflow`, NAME_HINT);
    if (reserved.has(name)) {
      const problem = `${quote(name)} is a verb of sheaf, and cannot name a workflow`;
      reader.fail(path, 'key', problem, `another name will do, such as ${name}-it`, 'project.name_reserved');
    }
    const reference = readReference(reader, path, text);
    if (reference.registry !== undefined && !registries.has(reference.registry)) {
      const known = [...registries.keys()];
      reader.fail(
        path,
        'value',
        `there is no registry called ${quote(reference.registry)} in [registries]`,
        known.length === 0
          ? `add [registries] with ${reference.registry} = "https://…"`
          : `known: ${known.join(', ')}`,
      );
    }
    workflows.set(name, {
      name,
      reference,
      // Who asks for places needs a second parser, which takes longer to load than all else here takes.
      get place() {
        return reader.document.placeOf(path, 'value');
      },
    });
  }
  return workflows;
}

function readReference(reader: Reader, path: readonly string[], text: string): Reference {
  let reference: Reference;
  try {
    reference = parseReference(text);
  } catch (error) {
    if (!isClientError(error)) throw error;
    return reader.fail(path, 'value', error.message, error.hint);
  }
  if (reference.selector.kind !== 'channel') return reference;
  return reader.fail(
    path,
    'value',
    `the channel ${quote(reference.selector.channel)} moves, and cannot be locked`,
    'name a range, such as @^1.2',
  );
}

function isTable(value: JsonValue): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string, hint?: string, code: ClientErrorCode = 'project.invalid'): ClientError {
  return new ClientError(code, message, {
    hint: hint ?? 'sheaf.toml has [registries], [workflows] and [policy]',
  });
}
