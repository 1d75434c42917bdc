import { WorkflowError } from '../errors.js';

/** What an evaluation may still do and keep. */
export interface Budget {
  /** One unit is one operation, one list item or 16 characters of text. */
  remaining: number;
  /** Bytes that may still be made, counting also what is dropped again. */
  memory: number;
}

/** Some tens of milliseconds at most. */
const EVALUATION_BUDGET = 200_000;
const EVALUATION_MEMORY = 16 * 1_048_576;
const FAILURE_UNITS = 40;
/** Longest text an expression or template may make, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 1_048_576;
/** Deepest nesting of lists and maps that is compared or written out. */
export const MAX_VALUE_DEPTH = 200;
/** What one item of a list, and one entry of a map, take. */
export const ITEM_BYTES = 16;
export const ENTRY_BYTES = 96;

/** The budget of one evaluation. */
export function createBudget(): Budget {
  return { remaining: EVALUATION_BUDGET, memory: EVALUATION_MEMORY };
}

/** Takes units from the budget. Throws WorkflowError `expression.budget` when there are too few. */
export function charge(budget: Budget, units: number): void {
  budget.remaining -= units;
  if (budget.remaining < 0) {
    throw new WorkflowError('expression.budget', 'the expression takes too much work', {
      hint: 'do this in a step, where there is no such limit',
    });
  }
}

/** Charges for an error that another value makes good: it was made all the same. */
export function chargeFailure(budget: Budget): void {
  charge(budget, FAILURE_UNITS);
}

/** Takes bytes from the budget. Throws WorkflowError `expression.budget` when there are too few. */
export function chargeMemory(budget: Budget, bytes: number): void {
  budget.memory -= bytes;
  if (budget.memory < 0) {
    throw new WorkflowError('expression.budget', 'the expression takes too much memory', {
      hint: 'do this in a step, where there is no such limit',
    });
  }
}

/** Charges for a text that is looked through. */
export function chargeReading(budget: Budget, length: number): void {
  charge(budget, 1 + (length >> 4));
}

/** Charges for a text that is made, and refuses one that is too long. */
export function chargeText(budget: Budget, length: number): void {
  charge(budget, 1 + (length >> 4));
  if (length > MAX_TEXT_LENGTH) {
    throw new WorkflowError('expression.budget', 'the expression makes a text of more than 1 MiB');
  }
  chargeMemory(budget, 16 + 2 * length);
}

/** Refuses values that are nested too deeply to go through. */
export function checkDepth(depth: number): void {
  if (depth > MAX_VALUE_DEPTH) {
    throw new WorkflowError(
      'expression.budget',
      `a value is nested more than ${MAX_VALUE_DEPTH} levels deep`,
    );
  }
}
