import type { JsonValue } from '../model.js';

/**
 * A CEL value. An int is a bigint within 64 bits, a double is a number. Lists and maps that come from JSON are turned into values
 * one level at a time, when they are read.
 */
export type CelValue = null | boolean | bigint | number | string | CelList | CelMap;

/** What a map may have as keys. */
export type CelKey = boolean | bigint | string;

export interface CelList {
  readonly kind: 'list';
  readonly items: readonly CelValue[];
}

export interface CelMap {
  readonly kind: 'map';
  readonly size: number;
  /** Undefined when there is no such key. */
  readonly get: (key: CelKey) => CelValue | undefined;
  readonly keys: () => Iterable<CelKey>;
}

/** JSON as a value; a number without a fraction is an int. */
export function fromJson(json: JsonValue): CelValue {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json;
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return lazyList(json as readonly JsonValue[]);
  return mapOf(json as Readonly<Record<string, JsonValue>>, fromJson);
}

function lazyList(json: readonly JsonValue[]): CelList {
  let items: readonly CelValue[] | undefined;
  return {
    kind: 'list',
    get items() {
      items ??= json.map(fromJson);
      return items;
    },
  };
}

/** A record as a map whose values are made when they are asked for. Only own keys exist. */
export function mapOf<T>(record: Readonly<Record<string, T>>, convert: (value: T) => CelValue): CelMap {
  return {
    kind: 'map',
    get size() {
      return Object.keys(record).length;
    },
    get: (key) => {
      if (typeof key !== 'string' || !Object.hasOwn(record, key)) return undefined;
      return convert(record[key] as T);
    },
    keys: () => Object.keys(record),
  };
}

/** Name of a value's type, as CEL calls it. */
export function typeOf(value: CelValue): 'null' | 'bool' | 'int' | 'double' | 'string' | 'list' | 'map' {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    default:
      return value === null ? 'null' : value.kind;
  }
}

export function isList(value: CelValue): value is CelList {
  return typeOf(value) === 'list';
}

export function isMap(value: CelValue): value is CelMap {
  return typeOf(value) === 'map';
}
