import { printable, quote, type JsonValue } from '@sheaf/workflow';
import { isList, isMap, type Inputs } from './inputs.js';

const MAX_DEPTH = 64;

/**
 * Says in what a value is not as a JSON Schema wants it, or gives undefined. Of the schema it reads `type`, `enum`, `const`,
 * `properties`, `required`, `additionalProperties`, `items`, `anyOf` and the limits on numbers, texts and lists; all else is taken as
 * fulfilled, so that this refuses nothing that fits.
 */
export function findMisfit(schema: JsonValue, value: JsonValue, at = '', depth = 0): string | undefined {
  if (schema === false) return `${place(at)} should not be there`;
  if (!isMap(schema) || depth > MAX_DEPTH) return undefined;
  const here = findOwnMisfit(schema, value, at);
  if (here !== undefined) return here;
  const { anyOf } = schema;
  if (isList(anyOf) && anyOf.every((each) => findMisfit(each, value, at, depth + 1) !== undefined))
    return `${place(at)} fits none of what it may be`;
  if (isList(value)) {
    const { items } = schema;
    if (items === undefined) return undefined;
    return first(value, (item, index) => findMisfit(items, item, `${at}[${index}]`, depth + 1));
  }
  return isMap(value) ? findMisfitOfMap(schema, value, at, depth) : undefined;
}

function findMisfitOfMap(schema: Inputs, value: Inputs, at: string, depth: number): string | undefined {
  const { properties, required, additionalProperties: others } = schema;
  const known = isMap(properties) ? properties : {};
  const missing = isList(required)
    ? required.find((name) => typeof name === 'string' && !Object.hasOwn(value, name))
    : undefined;
  if (typeof missing === 'string') return `${place(at)} lacks ${quote(missing)}`;
  return first(Object.entries(value), ([name, item]) => {
    const inner = Object.hasOwn(known, name) ? known[name] : others;
    const where = at === '' ? name : `${at}.${name}`;
    return inner === undefined ? undefined : findMisfit(inner, item, where, depth + 1);
  });
}

function findOwnMisfit(schema: Inputs, value: JsonValue, at: string): string | undefined {
  const { type, enum: values, const: only } = schema;
  const types = isList(type) ? type : type === undefined ? [] : [type];
  if (types.length > 0 && !types.some((each) => isOfType(each, value)))
    return `${place(at)} must be ${types.map((each) => (typeof each === 'string' ? printable(each, 20) : 'nothing')).join(' or ')}`;
  const isSame = (other: JsonValue): boolean => JSON.stringify(other) === JSON.stringify(value);
  if ((isList(values) && !values.some(isSame)) || (only !== undefined && !isSame(only)))
    return `${place(at)} is none of the values that it may have`;
  const size = sizeOf(value);
  if (size === undefined) return undefined;
  const [least, most] = LIMITS_OF[size.kind].map((keyword) => schema[keyword]);
  if (typeof least === 'number' && size.count < least) return `${place(at)} is below ${least}`;
  if (typeof most === 'number' && size.count > most) return `${place(at)} is above ${most}`;
  return undefined;
}

const LIMITS_OF = {
  number: ['minimum', 'maximum'],
  text: ['minLength', 'maxLength'],
  list: ['minItems', 'maxItems'],
} as const;

function sizeOf(
  value: JsonValue,
): { readonly kind: keyof typeof LIMITS_OF; readonly count: number } | undefined {
  if (typeof value === 'number') return { kind: 'number', count: value };
  if (typeof value === 'string') return { kind: 'text', count: Array.from(value).length };
  return isList(value) ? { kind: 'list', count: value.length } : undefined;
}

function isOfType(type: JsonValue, value: JsonValue): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return isList(value);
    case 'object':
      return isMap(value);
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function first<T>(
  items: readonly T[],
  find: (item: T, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function place(at: string): string {
  return at === '' ? 'it' : quote(at, 100);
}
