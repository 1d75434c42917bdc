import type { JsonValue } from '../model.js';
import type { Expression } from '../expression/ast.js';
import { printExpression } from '../expression/print.js';
import type { Scope } from '../expression/scope.js';
import { findSoleExpression, parseTemplate } from '../expression/segments.js';
import { evaluateCondition, evaluateTemplate } from '../expression/template.js';
import { WorkflowError } from '../errors.js';

/** What came of a condition, with the values that it rests on where it does not hold. */
export interface Assertion {
  readonly holds: boolean;
  readonly sides: readonly { readonly text: string; readonly value: JsonValue }[];
}

/** Evaluates a condition. Throws WorkflowError `expression.…`. */
export function evaluateAssertion(template: string, scope: Scope): Assertion {
  if (evaluateCondition(template, scope)) return { holds: true, sides: [] };
  const sole = findSoleExpression(parseTemplate(template));
  return { holds: false, sides: sole === undefined ? [] : sidesOf(sole, scope) };
}

/** The values that a condition rests on; of several conditions, those of the ones that do not hold. */
function sidesOf(node: Expression, scope: Scope): Assertion['sides'] {
  if (node.kind === 'logical') {
    return [node.left, node.right].flatMap((part) => {
      const value = valueOf(part, scope);
      if (value?.value !== false) return [];
      const inner = sidesOf(part, scope);
      return inner.length === 0 ? [value] : inner;
    });
  }
  return partsOf(node)
    .filter((part) => part.kind !== 'literal')
    .flatMap((part) => valueOf(part, scope) ?? []);
}

function partsOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'binary':
      return [node.left, node.right];
    case 'unary':
      return [node.operand];
    case 'call':
      return node.target === undefined ? node.args : [node.target, ...node.args];
    default:
      return [];
  }
}

/** Undefined where a value cannot be had, or cannot be written as JSON. */
function valueOf(part: Expression, scope: Scope): Assertion['sides'][number] | undefined {
  const text = printExpression(part);
  try {
    return { text, value: evaluateTemplate(`\${{ ${text} }}`, scope) };
  } catch (error) {
    if (error instanceof WorkflowError) return undefined;
    throw error;
  }
}
