import { findDurationMs } from './duration.js';
import { toEnvironmentString } from './environment.js';
import type { JsonValue, Parameter, Step, ToolRequirement, WorkflowDefinition } from './model.js';
import type { Version, WorkflowId } from './names.js';
import { isTable } from './schema/check.js';

type Table = Readonly<Record<string, JsonValue>>;

const EMPTY = Object.create(null) as Table;

/**
 * Makes the model of a file's data. What does not have the shape of the schema is left out, so that the checks after the schema's can say
 * all they know about the rest; the result is only given out when there was no error at all.
 */
export function buildDefinition(data: Table): WorkflowDefinition {
  const bundle = table(data['bundle']);
  const permissions = table(data['permissions']);
  return {
    id: (text(data['id']) ?? '') as WorkflowId,
    version: (text(data['version']) ?? '') as Version,
    ...optional('name', text(data['name'])),
    ...optional('description', text(data['description'])),
    tags: texts(data['tags']),
    ...optional('license', text(data['license'])),
    ...optional('homepage', text(data['homepage'])),
    bundle: { include: texts(bundle['include']), executable: texts(bundle['executable']) },
    permissions: {
      network: texts(permissions['network']),
      exec: texts(permissions['exec']),
      read: texts(permissions['read']),
      write: texts(permissions['write']),
      secrets: texts(permissions['secrets']),
    },
    parameters: mapTable(table(data['parameters']), (value) => buildParameter(table(value))),
    requirements: { tools: texts(table(data['requirements'])['tools']).map(buildTool) },
    dependencies: mapTable(table(data['dependencies']), (value) => text(value) ?? ''),
    steps: mapTable(table(data['steps']), (value, id) => buildStep(id, table(value))),
    outputs: mapTable(table(data['outputs']), (value) => text(value) ?? ''),
  };
}

function buildParameter(data: Table): Parameter {
  const base = {
    ...optional('description', text(data['description'])),
    required: data['required'] === undefined ? data['default'] === undefined : data['required'] === true,
  };
  const fallback = data['default'];
  const type = text(data['type']);
  switch (type) {
    case 'integer':
    case 'number':
      return {
        ...base,
        type,
        ...optional('default', number(fallback)),
        ...optional('minimum', number(data['minimum'])),
        ...optional('maximum', number(data['maximum'])),
      };
    case 'boolean':
      return { ...base, type, ...optional('default', typeof fallback === 'boolean' ? fallback : undefined) };
    case 'enum':
      return { ...base, type, values: texts(data['values']), ...optional('default', text(fallback)) };
    case 'path': {
      const access = data['access'] === 'write' ? 'write' : 'read';
      return { ...base, type, access, ...optional('default', text(fallback)) };
    }
    case 'string':
      return {
        ...base,
        type,
        ...optional('default', text(fallback)),
        ...optional('pattern', text(data['pattern'])),
      };
    default:
      return { ...base, type: 'json', ...optional('default', fallback) };
  }
}

function buildStep(id: string, data: Table): Step {
  const when = text(data['when']);
  const shell = data['shell'];
  return {
    id,
    run: text(data['run']) ?? '',
    needs: texts(data['needs']),
    ...optional('when', when),
    env: mapTable(table(data['env']), (value) =>
      typeof value === 'object' ? '' : toEnvironmentString(value),
    ),
    ...optional('timeoutMs', findDurationMs(text(data['timeout']) ?? '')),
    onFailure: data['on_failure'] === 'continue' ? 'continue' : 'fail',
    ...(shell === 'bash' || shell === 'sh' ? { shell } : {}),
  };
}

function buildTool(requirement: string): ToolRequirement {
  const [name = '', minimum] = requirement.split('>=').map((part) => part.trim());
  return { name, ...optional('minimum', minimum) };
}

/** Maps a table's values into a new one without prototype, in the same order. */
export function mapTable<T, U>(
  source: Readonly<Record<string, T>>,
  convert: (value: T, key: string) => U,
): Readonly<Record<string, U>> {
  const result = Object.create(null) as Record<string, U>;
  for (const key of Object.keys(source)) result[key] = convert(source[key] as T, key);
  return result;
}

function optional<K extends string, V>(key: K, value: V | undefined): Readonly<Partial<Record<K, V>>> {
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<K, V>>;
}

function table(value: JsonValue | undefined): Table {
  return isTable(value) ? value : EMPTY;
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function texts(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
