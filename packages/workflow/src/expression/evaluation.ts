import type { Budget } from './budget.js';
import type { CelValue } from './value.js';

/** What the names of an expression stand for. */
export interface Names {
  /** Undefined when there is no such name. */
  readonly get: (name: string) => CelValue | undefined;
  /** Do some of the names hold dots? Then the longest that fits is meant (cel-spec, langdef "Name Resolution"). */
  readonly areDotted?: boolean;
}

/** A variable of a macro, and those around it. */
export interface Local {
  readonly name: string;
  readonly value: CelValue;
  readonly outer: Local | undefined;
}

/** What an expression sees, and the work it may do. */
export interface Evaluation {
  readonly names: Names;
  readonly budget: Budget;
  readonly local?: Local | undefined;
}
