import type { Expression } from '../ast.js';
import { printExpression } from '../print.js';
import type { Check } from './context.js';

/** The fields that are there, as text, when a condition came out so. */
export function factsOf(test: Expression, outcome: boolean): readonly string[] {
  if (test.kind === 'has') return outcome ? [printExpression(test.field)] : [];
  if (test.kind === 'unary' && test.operator === '!') return factsOf(test.operand, !outcome);
  if (test.kind === 'logical') {
    const isBoth = outcome === (test.operator === '&&');
    return isBoth ? [...factsOf(test.left, outcome), ...factsOf(test.right, outcome)] : [];
  }
  return test.kind === 'binary' ? factsOfStatus(test, outcome) : [];
}

/** `steps.x.status == 'succeeded'` says that all of `steps.x.outputs` is there. */
function factsOfStatus(
  { operator, left, right }: Extract<Expression, { kind: 'binary' }>,
  outcome: boolean,
): readonly string[] {
  const [field, literal] = left.kind === 'literal' ? [right, left] : [left, right];
  if (field.kind !== 'member' || field.name !== 'status' || literal.kind !== 'literal') return [];
  const holds =
    (literal.value === 'succeeded' && operator === (outcome ? '==' : '!=')) ||
    (literal.value === 'skipped' && operator === (outcome ? '!=' : '=='));
  return holds ? [`${printExpression(field.object)}.outputs`] : [];
}

/** Runs something where these fields are known to be there. */
export function withFacts<T>(check: Check, facts: readonly string[], run: () => T): T {
  const before = check.proven;
  if (facts.length > 0) check.proven = new Set([...before, ...facts]);
  const result = run();
  check.proven = before;
  return result;
}

/** Is a field known to be there? */
export function isProven(check: Check, object: Expression, field: Expression): boolean {
  if (check.proven.size === 0) return false;
  return check.proven.has(printExpression(object)) || check.proven.has(printExpression(field));
}
