/**
 * A CEL value. An int is a bigint within 64 bits, a double is a number. Lists and maps that come from JSON are turned into values
 * when they are read.
 */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | CelUint
  | CelBytes
  | CelList
  | CelMap
  | CelTimestamp
  | CelDuration
  | CelTypeValue
  | CelSecret;

/** What a map finds its values by: an int, a uint and a double of the same value are the same key. */
export type CelKey = boolean | bigint | string;

export interface CelUint {
  readonly kind: 'uint';
  readonly value: bigint;
}

export interface CelBytes {
  readonly kind: 'bytes';
  readonly value: Uint8Array;
}

export interface CelList {
  readonly kind: 'list';
  readonly length: number;
  /** Only for places that the list has. */
  readonly at: (index: number) => CelValue;
}

export interface CelMap {
  readonly kind: 'map';
  readonly size: number;
  /** Undefined when there is no such key. */
  readonly get: (key: CelKey) => CelValue | undefined;
  readonly keys: () => Iterable<CelValue>;
}

/** Nanoseconds since 1970, from year 1 to 9999. */
export interface CelTimestamp {
  readonly kind: 'timestamp';
  readonly nanos: bigint;
}

/** Nanoseconds, within 64 bits. */
export interface CelDuration {
  readonly kind: 'duration';
  readonly nanos: bigint;
}

export interface CelTypeValue {
  readonly kind: 'type';
  readonly name: string;
}

/** A secret by its name. Its value is never in an expression; it can be handed on and nothing else. */
export interface CelSecret {
  readonly kind: 'secret';
  readonly name: string;
}

/** Kinds of values, as messages and overloads name them. */
export type ValueKind =
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'list'
  | 'map'
  | 'timestamp'
  | 'duration'
  | 'type'
  | 'secret';

export function typeOf(value: CelValue): ValueKind {
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

/** The types that expressions can name, as CEL calls them. */
export const TYPE_VALUES: ReadonlyMap<string, CelTypeValue> = new Map(
  [
    ...['null_type', 'bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'type'],
    ...['google.protobuf.Timestamp', 'google.protobuf.Duration'],
  ].map((name) => [name, { kind: 'type', name }]),
);

/** What CEL calls the type of a value. */
export function typeNameOf(kind: ValueKind): string {
  if (kind === 'null') return 'null_type';
  if (kind === 'timestamp') return 'google.protobuf.Timestamp';
  return kind === 'duration' ? 'google.protobuf.Duration' : kind;
}

export function isUint(value: CelValue): value is CelUint {
  return typeOf(value) === 'uint';
}

export function isBytes(value: CelValue): value is CelBytes {
  return typeOf(value) === 'bytes';
}

export function isList(value: CelValue): value is CelList {
  return typeOf(value) === 'list';
}

export function isMap(value: CelValue): value is CelMap {
  return typeOf(value) === 'map';
}

export function listOf(items: readonly CelValue[]): CelList {
  return { kind: 'list', length: items.length, at: (index) => items[index] ?? null };
}

/** The items of a list as an array. Charge the budget for them first. */
export function itemsOf(list: CelList): CelValue[] {
  return Array.from({ length: list.length }, (_, index) => list.at(index));
}

/** A map of entries that are there already. */
export function mapOfEntries(
  entries: ReadonlyMap<CelKey, { readonly key: CelValue; readonly value: CelValue }>,
): CelMap {
  return {
    kind: 'map',
    size: entries.size,
    get: (key) => entries.get(key)?.value,
    keys: () => Array.from(entries.values(), ({ key }) => key),
  };
}

/** A value as a key of a map; undefined for what no key is ever equal to. */
export function asKey(value: CelValue): CelKey | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  if (isUint(value)) return value.value;
  return typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean'
    ? value
    : undefined;
}
