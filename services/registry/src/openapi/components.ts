import * as contract from '@sheaf/client/contract';

/** A JSON value that is being put together. */
export type Json = Record<string, unknown>;

const SUFFIX = 'Schema';

/** The schemas of the contract by the object they are, each under its name: `WorkflowDocumentSchema` as `WorkflowDocument`. */
const NAMES: ReadonlyMap<unknown, string> = new Map(
  Object.entries(contract)
    .filter(([name]) => name.endsWith(SUFFIX))
    .map(([name, schema]) => [schema, name.slice(0, -SUFFIX.length)]),
);

/** A schema as the document holds it: wherever one of the contract is used, a reference to it. */
export function referTo(schema: unknown): unknown {
  const name = NAMES.get(schema);
  return name === undefined ? inline(schema) : { $ref: `#/components/schemas/${name}` };
}

/** Every schema of the contract by its name. */
export function allSchemas(): Json {
  return Object.fromEntries([...NAMES].map(([schema, name]) => [name, inline(schema)]));
}

function inline(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(referTo);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(tupleOf(value)).map(([key, member]) => [key, referTo(member)]));
}

/** TypeBox writes tuples as draft 7 did; in JSON Schema 2020-12, which OpenAPI 3.1 takes, `items` is one schema. */
function tupleOf(schema: object): object {
  const { items, additionalItems, ...rest } = schema as { items?: unknown; additionalItems?: unknown };
  return Array.isArray(items) ? { ...rest, prefixItems: items, items: additionalItems ?? true } : schema;
}
