import { WorkflowError, type WorkflowErrorCode } from '../errors.js';
import type { SourceRange } from '../source/tree.js';
import { quote } from '../text.js';
import type { Expression } from './ast.js';
import { charge, type Budget } from './budget.js';
import { FUNCTIONS, type ArgumentType } from './functions.js';
import { applyBinary, asKey, checkInt } from './operators.js';
import { isList, isMap, typeOf, type CelKey, type CelMap, type CelValue } from './value.js';

/** What the names of an expression stand for, and the work it may do. */
export interface Evaluation {
  readonly names: CelMap;
  readonly budget: Budget;
}

/** Evaluates a parsed expression (cel-spec, langdef "Evaluation"). Throws WorkflowError `expression.…` with a range. */
export function evaluateExpression(expression: Expression, evaluation: Evaluation): CelValue {
  charge(evaluation.budget, 1);
  try {
    return evaluate(expression, evaluation);
  } catch (error) {
    if (error instanceof WorkflowError && error.range === undefined) throw placed(error, expression);
    throw error;
  }
}

function evaluate(node: Expression, evaluation: Evaluation): CelValue {
  const valueOf = (part: Expression) => evaluateExpression(part, evaluation);
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'name':
      return (
        evaluation.names.get(node.name) ??
        fail('expression.unknown', `unknown name ${quote(node.name)}`, node)
      );
    case 'member':
      return read(valueOf(node.object), node.name, node.nameRange);
    case 'index':
      return readIndex(valueOf(node.object), valueOf(node.index), node);
    case 'call':
      return call(node, evaluation);
    case 'unary':
      return negate(node.operator, valueOf(node.operand), node);
    case 'binary':
      return applyBinary(node.operator, valueOf(node.left), valueOf(node.right), evaluation.budget);
    case 'logical':
      return decideLogical(node, evaluation);
    case 'conditional': {
      const test = valueOf(node.test);
      if (typeof test !== 'boolean')
        return fail('expression.type', `? needs a bool, not ${typeOf(test)}`, node.test);
      return valueOf(test ? node.yes : node.no);
    }
    case 'list':
      return { kind: 'list', items: node.items.map(valueOf) };
    case 'map':
      return makeMap(node, evaluation);
  }
}

/** `&&` and `||` absorb an error on one side when the other side decides (cel-spec, "Logical operators"). */
function decideLogical(node: Extract<Expression, { kind: 'logical' }>, evaluation: Evaluation): boolean {
  const deciding = node.operator === '||';
  let failure: unknown;
  for (const side of [node.left, node.right]) {
    try {
      const value = evaluateExpression(side, evaluation);
      if (typeof value !== 'boolean') {
        fail('expression.type', `${node.operator} needs a bool, not ${typeOf(value)}`, side);
      }
      if (value === deciding) return deciding;
    } catch (error) {
      if (!(error instanceof WorkflowError) || error.code === 'expression.budget') throw error;
      failure ??= error;
    }
  }
  if (failure instanceof WorkflowError) throw failure;
  return !deciding;
}

function read(object: CelValue, key: CelKey, range: SourceRange): CelValue {
  if (!isMap(object)) {
    return fail('expression.type', `${typeOf(object)} has no fields`, range);
  }
  const value = object.get(key);
  if (value !== undefined) return value;
  const name = typeof key === 'string' ? quote(key) : String(key);
  return fail('expression.missing', `there is no ${name}`, range, 'ask with has(…) first');
}

function readIndex(object: CelValue, index: CelValue, range: SourceRange): CelValue {
  const key = asKey(index);
  if (isList(object)) {
    if (typeof key !== 'bigint')
      return fail('expression.type', `a list has no place ${typeOf(index)}`, range);
    const inside = key >= 0n && key < BigInt(object.items.length);
    const item = inside ? object.items[Number(key)] : undefined;
    return (
      item ?? (inside ? null : fail('expression.missing', `the list has no place ${key.toString()}`, range))
    );
  }
  if (key === undefined) return fail('expression.type', `${typeOf(index)} cannot be a key`, range);
  return read(object, key, range);
}

function negate(operator: '!' | '-', value: CelValue, range: SourceRange): CelValue {
  if (operator === '!' && typeof value === 'boolean') return !value;
  if (operator === '-' && typeof value === 'bigint') return checkInt(-value);
  if (operator === '-' && typeof value === 'number') return -value;
  return fail('expression.type', `no ${operator} of ${typeOf(value)}`, range);
}

function call(node: Extract<Expression, { kind: 'call' }>, evaluation: Evaluation): CelValue {
  if (node.name === 'has' && node.target === undefined) return has(node, evaluation);
  const overloads = FUNCTIONS.get(node.name);
  if (overloads === undefined)
    return fail('expression.unknown', `unknown function ${quote(node.name)}`, node.nameRange);
  const parts = node.target === undefined ? node.args : [node.target, ...node.args];
  const values = parts.map((part) => evaluateExpression(part, evaluation));
  const found = overloads.find((overload) => {
    if ((overload.target === undefined) !== (node.target === undefined)) return false;
    const wanted = overload.target === undefined ? overload.args : [overload.target, ...overload.args];
    return wanted.length === values.length && wanted.every((type, i) => fits(values[i] ?? null, type));
  });
  if (found !== undefined) return found.apply(values, evaluation.budget);
  const types = values.map(typeOf).join(', ');
  return fail('expression.type', `${node.name} does not take (${types})`, node.nameRange);
}

function fits(value: CelValue, type: ArgumentType): boolean {
  return type === 'any' || typeOf(value) === type;
}

/** `has(a.b)`: is there a field b? What is before the last dot must exist. */
function has(node: Extract<Expression, { kind: 'call' }>, evaluation: Evaluation): boolean {
  const [field] = node.args;
  if (field === undefined || node.args.length !== 1 || (field.kind !== 'member' && field.kind !== 'index')) {
    return fail('expression.syntax', 'has() needs a field, like has(steps.x.outputs.y)', node);
  }
  const object = evaluateExpression(field.object, evaluation);
  if (!isMap(object)) return fail('expression.type', `${typeOf(object)} has no fields`, field);
  const key = field.kind === 'member' ? field.name : asKey(evaluateExpression(field.index, evaluation));
  return key !== undefined && object.get(key) !== undefined;
}

function makeMap(node: Extract<Expression, { kind: 'map' }>, evaluation: Evaluation): CelMap {
  const entries = new Map<CelKey, CelValue>();
  for (const { key, value } of node.entries) {
    const found = evaluateExpression(key, evaluation);
    if (typeof found !== 'string' && typeof found !== 'bigint' && typeof found !== 'boolean') {
      return fail('expression.type', `${typeOf(found)} cannot be a key`, key);
    }
    if (entries.has(found)) fail('expression.type', 'the key is there twice', key);
    entries.set(found, evaluateExpression(value, evaluation));
  }
  return { kind: 'map', size: entries.size, get: (key) => entries.get(key), keys: () => entries.keys() };
}

function fail(code: WorkflowErrorCode, message: string, range: SourceRange, hint?: string): never {
  throw new WorkflowError(code, message, {
    range: { start: range.start, end: range.end },
    ...(hint === undefined ? {} : { hint }),
  });
}

function placed(error: WorkflowError, range: SourceRange): WorkflowError {
  return new WorkflowError(error.code, error.message, {
    range: { start: range.start, end: range.end },
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
