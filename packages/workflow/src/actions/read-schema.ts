import type { JsonValue, OutputType } from '../model.js';
import { printable } from '../text.js';
import type { ActionInput, ActionOutput } from './manifest.js';

type JsonObject = Readonly<Record<string, JsonValue>>;

/** What a JSON Schema of inputs or outputs says of its properties. */
export interface ReadSchema<T> {
  readonly properties: Readonly<Record<string, T>>;
  /** Of properties that are not named; unset: there are none. */
  readonly others?: ActionOutput;
}

/** Takes down what cannot be read; the place in the file comes first. */
export type Complain = (place: string, message: string) => void;

const MAX_DEPTH = 8;
const MAX_PROPERTIES = 200;
const KINDS: Readonly<Record<string, OutputType>> = {
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  array: 'list',
  object: 'map',
};
const INPUT_KEYS = new Set(
  'type description default enum pattern minimum maximum items additionalProperties properties x-sheaf-access x-sheaf-secret'.split(
    ' ',
  ),
);

/** Reads the inputs of an action from JSON Schema: the part of it that `inputSchemaOf` writes. */
export function readInputSchema(
  value: JsonValue,
  place: string,
  complain: Complain,
): ReadSchema<ActionInput> {
  const required = new Set(listOf(field(value, 'required')).filter((name) => typeof name === 'string'));
  return readProperties(value, place, complain, (schema, at, name) =>
    readInput(schema, at, { complain, required: required.has(name) }),
  );
}

/** Reads the outputs of an action from JSON Schema. */
export function readOutputSchema(
  value: JsonValue,
  place: string,
  complain: Complain,
): ReadSchema<ActionOutput> {
  return readProperties(value, place, complain, (schema, at) => readForm(schema, at, complain, 1));
}

function readProperties<T>(
  value: JsonValue,
  place: string,
  complain: Complain,
  read: (schema: JsonObject, at: string, name: string) => T | undefined,
): ReadSchema<T> {
  const properties = Object.create(null) as Record<string, T>;
  if (!isObject(value) || value['type'] !== 'object') {
    complain(place, 'must be a JSON Schema with "type": "object"');
    return { properties };
  }
  const entries = Object.entries(isObject(value['properties']) ? value['properties'] : {});
  if (entries.length > MAX_PROPERTIES) complain(place, `has more than ${MAX_PROPERTIES} properties`);
  for (const [name, schema] of entries.slice(0, MAX_PROPERTIES)) {
    const at = `${place}.properties.${printable(name)}`;
    const found = isObject(schema) ? read(schema, at, name) : undefined;
    if (found !== undefined) properties[name] = found;
    else if (!isObject(schema)) complain(at, 'must be a JSON Schema');
  }
  const others = value['additionalProperties'];
  if (others === true) return { properties, others: { type: 'json' } };
  return isObject(others) ? { properties, others: readForm(others, place, complain, 1) } : { properties };
}

function readInput(
  schema: JsonObject,
  place: string,
  { complain, required }: { readonly complain: Complain; readonly required: boolean },
): ActionInput | undefined {
  for (const key of Object.keys(schema)) {
    if (!INPUT_KEYS.has(key)) complain(place, `has the keyword "${printable(key)}", which is not read`);
  }
  const { type, items } = readForm(schema, place, complain, 1);
  const { description, default: byDefault, pattern, minimum, maximum } = schema;
  const base = {
    required,
    ...(typeof description === 'string' ? { description } : {}),
  };
  const isSecret = schema['x-sheaf-secret'] === true ? ({ secret: true } as const) : {};
  if ('secret' in isSecret && type === 'string') return { ...base, type: 'secret', secret: true };
  const text = typeof byDefault === 'string' ? { default: byDefault } : {};
  const access = schema['x-sheaf-access'];
  const values = listOf(schema['enum']).filter((each) => typeof each === 'string');
  switch (type) {
    case 'string':
      if (access === 'read' || access === 'write') return { ...base, ...text, type: 'path', access };
      if (schema['enum'] !== undefined) return { ...base, ...text, type: 'enum', values };
      return { ...base, ...text, type, ...(typeof pattern === 'string' ? { pattern } : {}) };
    case 'integer':
    case 'number':
      return {
        ...base,
        type,
        ...(typeof byDefault === 'number' ? { default: byDefault } : {}),
        ...(typeof minimum === 'number' ? { minimum } : {}),
        ...(typeof maximum === 'number' ? { maximum } : {}),
      };
    case 'boolean':
      return { ...base, type, ...(typeof byDefault === 'boolean' ? { default: byDefault } : {}) };
    default: {
      const given = { ...isSecret, ...(byDefault === undefined ? {} : { default: byDefault }) };
      return type === 'json'
        ? { ...base, ...given, type }
        : { ...base, ...given, type, ...(items === undefined ? {} : { items }) };
    }
  }
}

function readForm(schema: JsonObject, place: string, complain: Complain, depth: number): ActionOutput {
  const { type, description, items, properties, additionalProperties } = schema;
  const said = typeof description === 'string' ? { description } : {};
  if (type === undefined) return { type: 'json', ...said };
  const kind = typeof type === 'string' && Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (kind === undefined || depth > MAX_DEPTH) {
    complain(place, kind === undefined ? 'has a type that is none of JSON Schema' : 'is nested too deep');
    return { type: 'json', ...said };
  }
  const inner = kind === 'list' ? items : kind === 'map' ? additionalProperties : undefined;
  const fields = kind === 'map' && isObject(properties) ? properties : undefined;
  return {
    type: kind,
    ...said,
    ...(isObject(inner) ? { items: readForm(inner, place, complain, depth + 1) } : {}),
    ...(fields === undefined
      ? {}
      : {
          fields: Object.fromEntries(
            Object.entries(fields).map(([name, field]) => [
              name,
              readForm(isObject(field) ? field : {}, place, complain, depth + 1),
            ]),
          ),
        }),
  };
}

function field(value: JsonValue, name: string): JsonValue | undefined {
  return isObject(value) ? value[name] : undefined;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
