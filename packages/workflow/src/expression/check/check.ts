import type { Expression, Literal } from '../ast.js';
import {
  BOOL,
  BYTES,
  DOUBLE,
  INT,
  NULL,
  STRING,
  UINT,
  joinTypes,
  type CelType,
  type RecordType,
} from '../types.js';
import { inferCall } from './calls.js';
import {
  expectBool,
  inferOperand,
  withLocal,
  type Check,
  type ExpressionProblem,
  type References,
} from './context.js';
import { inferComprehension } from './macros.js';
import { expectKey, inferHas, inferIndex, inferMember, inferName } from './names.js';
import { inferBinary, inferUnary } from './operators.js';
import { factsOf, withFacts } from './proven.js';

/**
 * Finds the type of an expression, what it refers to and what is wrong with it. An expression without problems never fails for the types
 * of its values, only for the values themselves and for what is `dyn`. `patterns` bounds what literal ones may take. Never throws.
 */
export function checkExpression(
  expression: Expression,
  names: RecordType,
  references: References,
  patterns: { remaining: number },
): { readonly type: CelType; readonly problems: readonly ExpressionProblem[] } {
  const check: Check = {
    names,
    references,
    patterns,
    problems: [],
    local: undefined,
    proven: new Set(),
    infer: (node) => infer(node, check),
  };
  const type = check.infer(expression);
  // `params.a-b` reads as a subtraction: the other problems in it only follow from the first.
  const unknown = check.problems.filter(
    ({ code }) => code === 'reference.unknown' || code === 'step.unknown',
  );
  return { type, problems: unknown.length > 0 ? unknown : check.problems };
}

function infer(node: Expression, check: Check): CelType {
  switch (node.kind) {
    case 'literal':
      return literalType(node.value);
    case 'name':
      return inferName(node, check);
    case 'member':
      return inferMember(node, check);
    case 'index':
      return inferIndex(node, check);
    case 'has':
      return inferHas(node, check);
    case 'call':
      return inferCall(node, check);
    case 'comprehension':
      return inferComprehension(node, check);
    case 'bind': {
      const local = { name: node.variable.name, type: check.infer(node.value), outer: check.local };
      return withLocal(check, local, () => check.infer(node.body));
    }
    case 'unary':
      return inferUnary(node, check);
    case 'binary':
      return inferBinary(node, check);
    case 'logical':
      expectBool(node.left, node.operator, check);
      withFacts(check, factsOf(node.left, node.operator === '&&'), () => {
        expectBool(node.right, node.operator, check);
      });
      return BOOL;
    case 'conditional': {
      expectBool(node.test, '?', check);
      const yes = withFacts(check, factsOf(node.test, true), () => check.infer(node.yes));
      const no = withFacts(check, factsOf(node.test, false), () => check.infer(node.no));
      return joinTypes([yes, no]);
    }
    case 'list':
      return { kind: 'list', item: joinTypes(node.items.map((item) => inferOperand(item, check))) };
    case 'map':
      return inferMap(node, check);
  }
}

function literalType(value: Literal): CelType {
  switch (typeof value) {
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT;
    case 'number':
      return DOUBLE;
    case 'string':
      return STRING;
    default:
      return value === null ? NULL : value.kind === 'uint' ? UINT : BYTES;
  }
}

function inferMap(node: Extract<Expression, { kind: 'map' }>, check: Check): CelType {
  const types = node.entries.map(({ key, value }) => ({
    key: expectKey(inferOperand(key, check), key, check),
    value: inferOperand(value, check),
  }));
  return {
    kind: 'map',
    key: joinTypes(types.map(({ key }) => key)),
    value: joinTypes(types.map(({ value }) => value)),
  };
}
