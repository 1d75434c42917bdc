import type { JsonValue, Parameter } from '../model.js';

/** A map that is looked up as it is read, for what is large or not known beforehand. */
export class LazyMap {
  /** @param get undefined when there is no such key; must answer the same each time */
  constructor(
    readonly get: (key: string) => ScopeValue | undefined,
    readonly keys: () => Iterable<string>,
  ) {}
}

/** A secret by its name. Its value is never in an expression. */
export class SecretReference {
  constructor(readonly name: string) {}
}

/** A number that is a double also where it has no fraction, which JSON cannot say. */
export class DoubleNumber {
  constructor(readonly value: number) {}
}

/** What a name of an expression may stand for. */
export type ScopeValue =
  | JsonValue
  | LazyMap
  | SecretReference
  | DoubleNumber
  | readonly ScopeValue[]
  | { readonly [key: string]: ScopeValue };

/** The names an expression can see: `params`, `steps`, and others by the place it stands in. */
export type Scope = Readonly<Record<string, ScopeValue | undefined>>;

/** A finished step. `outputs` of a skipped step is empty. */
export interface StepScope {
  readonly [field: string]: ScopeValue;
  readonly status: 'succeeded' | 'failed' | 'skipped';
  readonly outputs: Readonly<Record<string, JsonValue>>;
}

/** The values of parameters as expressions see them: secrets by name, and numbers as doubles whatever they are. */
export function scopeOfParameters(
  values: Readonly<Record<string, JsonValue>>,
  declared: Readonly<Record<string, Pick<Parameter, 'type'>>>,
): Readonly<Record<string, ScopeValue>> {
  const scope = Object.create(null) as Record<string, ScopeValue>;
  for (const [name, value] of Object.entries(values)) {
    const type = Object.hasOwn(declared, name) ? declared[name]?.type : undefined;
    if (type === 'secret' && typeof value === 'string') scope[name] = new SecretReference(value);
    else scope[name] = type === 'number' && typeof value === 'number' ? new DoubleNumber(value) : value;
  }
  return scope;
}
