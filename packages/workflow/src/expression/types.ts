/** What is known about the value of an expression before it runs; `dyn` is anything. */
export type CelType =
  | { readonly kind: 'dyn' | 'null' | 'bool' | 'int' | 'double' | 'string' }
  | { readonly kind: 'list'; readonly item: CelType }
  | { readonly kind: 'map'; readonly value: CelType }
  | RecordType;

/** A map whose keys are declared. */
export interface RecordType {
  readonly kind: 'record';
  /** What one key of it is called in messages. */
  readonly what: 'parameter' | 'step' | 'field';
  readonly fields: ReadonlyMap<string, CelType>;
  /** Type of the keys that are not declared; without it there are none. */
  readonly others?: CelType;
}

export const DYN: CelType = { kind: 'dyn' };
export const BOOL: CelType = { kind: 'bool' };
export const INT: CelType = { kind: 'int' };
export const DOUBLE: CelType = { kind: 'double' };
export const STRING: CelType = { kind: 'string' };

/** Kind of a type as values have it: a record is a map. */
export function kindOf(type: CelType): Exclude<CelType['kind'], 'record'> {
  return type.kind === 'record' ? 'map' : type.kind;
}
