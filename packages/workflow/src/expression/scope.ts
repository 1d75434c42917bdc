import type { JsonValue } from '../model.js';

/** What an expression can see. */
export interface Scope {
  readonly params: Readonly<Record<string, JsonValue>>;
  readonly steps: Readonly<Record<string, StepScope>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: { readonly id: string };
}

/** A finished step. `outputs` of a skipped step is empty. */
export interface StepScope {
  readonly status: 'succeeded' | 'failed' | 'skipped';
  readonly outputs: Readonly<Record<string, JsonValue>>;
}
