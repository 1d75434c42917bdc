import type { JsonValue } from '../model.js';
import type { Expression } from '../expression/ast.js';
import { printExpression } from '../expression/print.js';
import type { Scope } from '../expression/scope.js';
import { findSoleExpression, parseTemplate } from '../expression/segments.js';
import { evaluateCondition, evaluateTemplate } from '../expression/template.js';
import { WorkflowError } from '../errors.js';

/** What came of a condition, with the values on both sides of its comparison where it is one. */
export interface Assertion {
  readonly holds: boolean;
  readonly sides: readonly { readonly text: string; readonly value: JsonValue }[];
}

/** Evaluates a condition, and says what it was made of where it does not hold. Throws WorkflowError `expression.…`. */
export function evaluateAssertion(template: string, scope: Scope): Assertion {
  if (evaluateCondition(template, scope)) return { holds: true, sides: [] };
  const sole = findSoleExpression(parseTemplate(template));
  return { holds: false, sides: sole === undefined ? [] : sidesOf(sole, scope) };
}

function sidesOf(node: Expression, scope: Scope): Assertion['sides'] {
  const parts =
    node.kind === 'binary' ? [node.left, node.right] : node.kind === 'unary' ? [node.operand] : [];
  return parts
    .filter((part) => part.kind !== 'literal')
    .flatMap((part) => {
      const text = printExpression(part);
      try {
        return [{ text, value: evaluateTemplate(`\${{ ${text} }}`, scope) }];
      } catch (error) {
        // What cannot be written as JSON is not shown.
        if (error instanceof WorkflowError) return [];
        throw error;
      }
    });
}
