import type { JsonValue } from '../model.js';
import type { ActionInput, ActionManifest, ActionOutput } from './manifest.js';

type JsonObject = Readonly<Record<string, JsonValue>>;

/**
 * The inputs of an action as JSON Schema (draft 2020-12), for editors and other tools. `x-sheaf-access`, `x-sheaf-secret` and
 * `x-sheaf-expression` say what JSON Schema has no word for.
 */
export function inputSchemaOf(manifest: ActionManifest): JsonObject {
  const entries = Object.entries(manifest.inputs);
  const required = entries.filter(([, input]) => input.required).map(([name]) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, input]) => [name, schemaOfInput(input)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: manifest.otherInputs === undefined ? false : schemaOfForm(manifest.otherInputs),
  };
}

/** The outputs of an action as JSON Schema. */
export function outputSchemaOf(manifest: ActionManifest): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(manifest.outputs).map(([name, output]) => [name, schemaOfForm(output)]),
    ),
    additionalProperties: manifest.otherOutputs === undefined ? false : schemaOfForm(manifest.otherOutputs),
  };
}

function schemaOfInput(input: ActionInput): JsonObject {
  return {
    ...schemaOfType(input),
    ...(input.description === undefined ? {} : { description: input.description }),
    ...(input.default === undefined ? {} : { default: input.default }),
    ...(input.secret === true || input.type === 'secret' ? { 'x-sheaf-secret': true } : {}),
    ...(input.expression === undefined ? {} : { 'x-sheaf-expression': [...input.expression] }),
  };
}

function schemaOfType(input: ActionInput): JsonObject {
  switch (input.type) {
    case 'string':
      return { type: 'string', ...(input.pattern === undefined ? {} : { pattern: input.pattern }) };
    case 'integer':
    case 'number':
      return {
        type: input.type,
        ...(input.minimum === undefined ? {} : { minimum: input.minimum }),
        ...(input.maximum === undefined ? {} : { maximum: input.maximum }),
      };
    case 'enum':
      return { type: 'string', enum: [...input.values] };
    case 'path':
      return { type: 'string', 'x-sheaf-access': input.access };
    case 'secret':
      return { type: 'string' };
    case 'boolean':
      return { type: 'boolean' };
    case 'json':
      return {};
    case 'list':
    case 'map': {
      const { type, items } = input;
      return schemaOfForm({ type, ...(items === undefined ? {} : { items }) });
    }
  }
}

function schemaOfForm({ type, description, items, fields }: ActionOutput): JsonObject {
  const said = description === undefined ? {} : { description };
  switch (type) {
    case 'json':
      return said;
    case 'list':
      return { type: 'array', ...said, ...(items === undefined ? {} : { items: schemaOfForm(items) }) };
    case 'map':
      return {
        type: 'object',
        ...said,
        ...(fields === undefined
          ? {}
          : {
              properties: Object.fromEntries(
                Object.entries(fields).map(([name, field]) => [name, schemaOfForm(field)]),
              ),
            }),
        ...(items === undefined ? {} : { additionalProperties: schemaOfForm(items) }),
      };
    default:
      return { type, ...said };
  }
}
