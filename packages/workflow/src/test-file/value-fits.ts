import { nameOf, type CelType } from '../expression/types.js';
import type { JsonValue } from '../model.js';
import { isTable } from '../schema/check.js';
import type { Path } from '../source/tree.js';
import { suggest } from '../suggest.js';
import { tick } from '../text.js';

/** What a value should be and is not, at a place in it. */
export interface Misfit {
  readonly path: Path;
  readonly at?: 'key';
  readonly code: 'value.type' | 'key.unknown';
  readonly message: string;
  readonly hint: string;
}

/** Where a value is not of a type, as far as that can be said of JSON. */
export function findMisfits(type: CelType, value: JsonValue, path: Path): readonly Misfit[] {
  if (type.kind === 'record' && isTable(value)) {
    return Object.entries(value).flatMap(([key, inner]) => {
      const field = type.fields.get(key) ?? type.others;
      return field === undefined ? [unknownKey(type, key, path)] : findMisfits(field, inner, [...path, key]);
    });
  }
  if (type.kind === 'list' && Array.isArray(value)) {
    return (value as readonly JsonValue[]).flatMap((item, at) => findMisfits(type.item, item, [...path, at]));
  }
  if (type.kind === 'map' && isTable(value)) {
    return Object.entries(value).flatMap(([key, inner]) => findMisfits(type.value, inner, [...path, key]));
  }
  if (isOfKind(type, value)) return [];
  const message = `${tick(String(path.at(-1)))} is ${nameOf(type)} when the step does its work`;
  return [{ path, code: 'value.type', message, hint: 'give what the step really gives' }];
}

function unknownKey(type: CelType & { readonly kind: 'record' }, key: string, path: Path): Misfit {
  const known = [...type.fields.keys()];
  const near = suggest(key, known);
  const hint =
    near === undefined
      ? known.length === 0
        ? 'it gives nothing'
        : `it gives: ${known.slice(0, 20).join(', ')}`
      : `did you mean ${tick(near)}?`;
  const message = `the step has no output ${tick(key)} when it does its work`;
  return { path: [...path, key], at: 'key', code: 'key.unknown', message, hint };
}

function isOfKind({ kind }: CelType, value: JsonValue): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string';
    case 'int':
    case 'uint':
      return Number.isSafeInteger(value);
    case 'double':
      return typeof value === 'number';
    case 'bool':
      return typeof value === 'boolean';
    case 'list':
      return Array.isArray(value);
    case 'map':
    case 'record':
      return isTable(value);
    default:
      return true;
  }
}
