import { WorkflowError, type WorkflowErrorCode } from '../errors.js';
import type { SourceRange } from '../source/tree.js';
import { quote } from '../text.js';
import type { Call, Expression, Member } from './ast.js';
import { ENTRY_BYTES, ITEM_BYTES, charge, chargeFailure, chargeMemory } from './budget.js';
import { comprehend } from './comprehension.js';
import type { Evaluation } from './evaluation.js';
import { fits, signaturesOf, wantedTypes } from './functions/overload.js';
import { FUNCTIONS } from './functions/table.js';
import { applyBinary, applyUnary } from './operators.js';
import {
  TYPE_VALUES,
  asKey,
  isList,
  isMap,
  listOf,
  mapOfEntries,
  typeOf,
  type CelKey,
  type CelMap,
  type CelValue,
} from './value.js';

/** Items that an empty list or map takes as much memory as. */
const OVERHEAD = 12;

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
      return findName(node, evaluation);
    case 'member': {
      const found = findDotted(node, evaluation);
      return found === undefined ? read(valueOf(node.object), node.name, node.nameRange) : found;
    }
    case 'index':
      return readIndex(valueOf(node.object), valueOf(node.index), node);
    case 'has':
      return has(node.field, evaluation);
    case 'call':
      return call(node, evaluation);
    case 'comprehension':
      return comprehend(node, evaluation, evaluateExpression);
    case 'bind': {
      const local = { name: node.variable.name, value: valueOf(node.value), outer: evaluation.local };
      return evaluateExpression(node.body, { ...evaluation, local });
    }
    case 'unary':
      return applyUnary(node.operator, valueOf(node.operand));
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
      chargeMemory(evaluation.budget, (node.items.length + OVERHEAD) * ITEM_BYTES);
      return listOf(node.items.map(valueOf));
    case 'map':
      return makeMap(node, evaluation);
  }
}

function findName(node: Extract<Expression, { kind: 'name' }>, evaluation: Evaluation): CelValue {
  for (
    let local = node.isRoot === true ? undefined : evaluation.local;
    local !== undefined;
    local = local.outer
  ) {
    if (local.name === node.name) return local.value;
  }
  const given = evaluation.names.get(node.name);
  if (given !== undefined) return given;
  return TYPE_VALUES.get(node.name) ?? fail('expression.unknown', `unknown name ${quote(node.name)}`, node);
}

/** `a.b` as one name: one of those that expressions are given, or of a type, unless `a` is a name of its own. */
function findDotted(node: Member, evaluation: Evaluation): CelValue | undefined {
  const { path } = node;
  if (path === undefined) return undefined;
  const known = evaluation.names.areDotted === true ? evaluation.names.get(path) : undefined;
  const found = known === undefined ? TYPE_VALUES.get(path) : known;
  if (found === undefined) return undefined;
  for (let { local } = evaluation; local !== undefined; local = local.outer) {
    if (path.startsWith(`${local.name}.`)) return undefined;
  }
  return found;
}

/** `&&` and `||` absorb an error on one side when the other side decides (cel-spec, "Logical operators"). */
function decideLogical(node: Extract<Expression, { kind: 'logical' }>, evaluation: Evaluation): boolean {
  const deciding = node.operator === '||';
  let failure: WorkflowError | undefined;
  for (const side of [node.left, node.right]) {
    try {
      const value = evaluateExpression(side, evaluation);
      if (typeof value !== 'boolean') {
        fail('expression.type', `${node.operator} needs a bool, not ${typeOf(value)}`, side);
      }
      if (value === deciding) return deciding;
    } catch (error) {
      if (!(error instanceof WorkflowError) || error.code === 'expression.budget') throw error;
      chargeFailure(evaluation.budget);
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
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
    if (key >= 0n && key < BigInt(object.length)) return object.at(Number(key));
    return fail('expression.missing', `the list has no place ${key.toString()}`, range);
  }
  if (key === undefined && isMap(object)) {
    return fail('expression.missing', `${typeOf(index)} is never a key`, range);
  }
  return read(object, key ?? '', range);
}

/** What is before the last dot must exist. */
function has(field: Extract<Expression, { kind: 'has' }>['field'], evaluation: Evaluation): boolean {
  const object = evaluateExpression(field.object, evaluation);
  if (!isMap(object)) return fail('expression.type', `${typeOf(object)} has no fields`, field);
  const key = field.kind === 'member' ? field.name : asKey(evaluateExpression(field.index, evaluation));
  return key !== undefined && object.get(key) !== undefined;
}

function call(node: Call, evaluation: Evaluation): CelValue {
  const overloads = FUNCTIONS.get(node.name);
  if (overloads === undefined)
    return fail('expression.unknown', `unknown function ${quote(node.name)}`, node.nameRange);
  const parts = node.target === undefined ? node.args : [node.target, ...node.args];
  const values = parts.map((part) => evaluateExpression(part, evaluation));
  for (const overload of overloads) {
    if ((overload.target === undefined) !== (node.target === undefined)) continue;
    const wanted = wantedTypes(overload, values.length);
    if (wanted?.every((type, at) => fits(values[at] ?? null, type)) === true) {
      return overload.apply(values, evaluation.budget);
    }
  }
  const types = values.map(typeOf).join(', ');
  const hint = signaturesOf(node.name, overloads);
  return fail('expression.type', `${node.name} does not take (${types})`, node.nameRange, hint);
}

function makeMap(node: Extract<Expression, { kind: 'map' }>, evaluation: Evaluation): CelMap {
  const entries = new Map<CelKey, { readonly key: CelValue; readonly value: CelValue }>();
  chargeMemory(evaluation.budget, node.entries.length * ENTRY_BYTES + OVERHEAD * ITEM_BYTES);
  for (const entry of node.entries) {
    const key = evaluateExpression(entry.key, evaluation);
    const found = typeof key === 'number' ? undefined : asKey(key);
    if (found === undefined) return fail('expression.type', `${typeOf(key)} cannot be a key`, entry.key);
    if (entries.has(found)) fail('expression.value', 'the key is there twice', entry.key);
    entries.set(found, { key, value: evaluateExpression(entry.value, evaluation) });
  }
  return mapOfEntries(entries);
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
