import { WorkflowError } from '../errors.js';

/** Work an evaluation may still do. One unit is one operation, one list item or 16 characters of text. */
export interface Budget {
  remaining: number;
}

/** Some tens of milliseconds at most. */
export const EVALUATION_BUDGET = 200_000;
/** Longest text an expression or template may make, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 1_048_576;

/** Takes units from the budget. Throws WorkflowError `expression.budget` when there are too few. */
export function charge(budget: Budget, units: number): void {
  budget.remaining -= units;
  if (budget.remaining < 0) {
    throw new WorkflowError('expression.budget', 'the expression takes too much work', {
      hint: 'do this in a step, where there is no such limit',
    });
  }
}

/** Charges for a text that is read or made, and refuses one that is too long. */
export function chargeText(budget: Budget, length: number): void {
  charge(budget, 1 + (length >> 4));
  if (length > MAX_TEXT_LENGTH) {
    throw new WorkflowError('expression.budget', 'the expression makes a text of more than 1 MiB');
  }
}
