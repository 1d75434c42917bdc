import type { ValueKind } from './value.js';

/** What is known about the value of an expression before it runs; `dyn` is anything. */
export type CelType = (
  | { readonly kind: Exclude<ValueKind, 'list' | 'map' | 'secret'> | 'dyn' }
  | { readonly kind: 'list'; readonly item: CelType }
  /** Without `key` the keys are text, as in JSON. */
  | { readonly kind: 'map'; readonly key?: CelType; readonly value: CelType }
  | RecordType
) & {
  /** The value is a secret: it may be handed on, and nothing can be made of it. */
  readonly secret?: true;
};

/** A map whose keys are declared. */
export interface RecordType {
  readonly kind: 'record';
  /** What one key of it is called in messages. */
  readonly what: 'parameter' | 'step' | 'field';
  readonly fields: ReadonlyMap<string, CelType>;
  /** Type of the keys that are not declared; without it there are none. */
  readonly others?: CelType;
  /** Fields that a run may lack: to read one without `has()` is a finding of the code `expression.optional`. */
  readonly optional?: ReadonlySet<string>;
}

export const DYN: CelType = { kind: 'dyn' };
/** Of the items of an empty list: anything, and any other type is more exact. */
export const FREE: CelType = { kind: 'dyn' };
export const NULL: CelType = { kind: 'null' };
export const BOOL: CelType = { kind: 'bool' };
export const INT: CelType = { kind: 'int' };
export const UINT: CelType = { kind: 'uint' };
export const DOUBLE: CelType = { kind: 'double' };
export const STRING: CelType = { kind: 'string' };
export const BYTES: CelType = { kind: 'bytes' };
export const TIMESTAMP: CelType = { kind: 'timestamp' };
export const DURATION: CelType = { kind: 'duration' };
export const TYPE: CelType = { kind: 'type' };
/** Of a parameter that names a secret. */
export const SECRET: CelType = { kind: 'string', secret: true };

/** Kind of a type as values have it: a record is a map. */
export function kindOf(type: CelType): Exclude<CelType['kind'], 'record'> {
  return type.kind === 'record' ? 'map' : type.kind;
}

export function keyTypeOf(type: CelType): CelType {
  return type.kind === 'map' ? (type.key ?? STRING) : STRING;
}

export function valueTypeOf(type: CelType): CelType {
  if (type.kind === 'map') return type.value;
  if (type.kind !== 'record') return DYN;
  let joined = type.others ?? FREE;
  let count = 0;
  for (const field of type.fields.values()) {
    // A block may have thousands of steps, and many expressions may read it.
    if (++count > MAX_JOINED) return DYN;
    joined = join(joined, field);
  }
  return joined;
}

/** Fields of a record that are looked at to say what all of them are. */
const MAX_JOINED = 100;

/** The most exact type that all of these are. */
export function joinTypes(types: readonly CelType[]): CelType {
  return types.reduce(join, FREE);
}

function join(a: CelType, b: CelType): CelType {
  if (a === b || b === FREE) return a;
  if (a === FREE) return b;
  const joined = joinPlain(a, b);
  return a.secret === true || b.secret === true ? { ...joined, secret: true } : joined;
}

function joinPlain(a: CelType, b: CelType): CelType {
  if (a.kind === 'list' && b.kind === 'list') return { kind: 'list', item: join(a.item, b.item) };
  if (kindOf(a) !== kindOf(b)) return DYN;
  if (kindOf(a) !== 'map') return a;
  return {
    kind: 'map',
    key: join(keyTypeOf(a), keyTypeOf(b)),
    value: join(valueTypeOf(a), valueTypeOf(b)),
  };
}

const NAMES: Readonly<Record<ReturnType<typeof kindOf>, string>> = {
  dyn: 'anything',
  null: 'null',
  bool: 'a boolean',
  int: 'an integer',
  uint: 'an unsigned integer',
  double: 'a number',
  string: 'text',
  bytes: 'bytes',
  list: 'a list',
  map: 'a map',
  timestamp: 'a time',
  duration: 'a duration',
  type: 'a type',
};

/** How messages call a type. */
export function nameOf(type: CelType): string {
  return type.secret === true ? 'a secret' : NAMES[kindOf(type)];
}
