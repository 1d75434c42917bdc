import type { JsonValue } from '../model.js';

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

/** What a name of an expression may stand for. */
export type ScopeValue =
  JsonValue | LazyMap | SecretReference | readonly ScopeValue[] | { readonly [key: string]: ScopeValue };

/** The names an expression can see: `params`, `steps`, and others by the place it stands in. */
export type Scope = Readonly<Record<string, ScopeValue | undefined>>;

/** A finished step. `outputs` of a skipped step is empty. */
export interface StepScope {
  readonly [field: string]: ScopeValue;
  readonly status: 'succeeded' | 'failed' | 'skipped';
  readonly outputs: Readonly<Record<string, JsonValue>>;
}
