import type { JsonSchema } from './json-schema.js';

/** Text that is not empty. */
export const text = (description: string, maxLength: number): JsonSchema => ({
  type: 'string',
  description,
  minLength: 1,
  maxLength,
});

/** A part of the schema by its name. */
export const reference = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });

/** A list of one kind of items. */
export const list = (items: JsonSchema, description: string, maxItems = 1000): JsonSchema => ({
  type: 'array',
  description,
  items,
  maxItems,
});

/** A table of known keys. */
export const table = (
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema => ({
  type: 'object',
  description,
  ...(required.length === 0 ? {} : { required }),
  additionalProperties: false,
  properties,
});

/** A schema with its own description. */
export const option = (description: string, schema: JsonSchema): JsonSchema => ({ ...schema, description });
