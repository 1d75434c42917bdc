import { WorkflowError } from '../errors.js';
import type { BinaryOperator } from './ast.js';
import { ITEM_BYTES, charge, chargeMemory, chargeText, type Budget } from './budget.js';
import { isEqual, order } from './equality.js';
import { checkInt, checkUint } from './integers.js';
import { durationOf, timestampOf } from './time.js';
import { asKey, isBytes, isList, isMap, isUint, typeOf, type CelList, type CelValue } from './value.js';

type Arithmetic = '+' | '-' | '*' | '/' | '%';

/**
 * Applies a binary operator with CEL's semantics: 64-bit overflow is an error, types are not mixed. But an int and a double are calculated as
 * doubles: JSON has no way to say that 3 is a double, and what works with 3.5 should work with 3.
 */
export function applyBinary(
  operator: BinaryOperator,
  left: CelValue,
  right: CelValue,
  budget: Budget,
): CelValue {
  switch (operator) {
    case '==':
      return isEqual(left, right, budget);
    case '!=':
      return !isEqual(left, right, budget);
    case 'in':
      return isIn(left, right, budget);
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const found = order(left, right, budget);
      return found === undefined ? noOverload(operator, left, right) : decide(operator, found);
    }
    default:
      return calculate(operator, left, right, budget);
  }
}

/** `-value` and `!value`. */
export function applyUnary(operator: '!' | '-', value: CelValue): CelValue {
  if (operator === '!' && typeof value === 'boolean') return !value;
  if (operator === '-' && typeof value === 'bigint') return checkInt(-value);
  if (operator === '-' && typeof value === 'number') return -value;
  throw new WorkflowError('expression.type', `no ${operator} of ${typeOf(value)}`);
}

function decide(operator: '<' | '<=' | '>' | '>=', found: number): boolean {
  switch (operator) {
    case '<':
      return found < 0;
    case '<=':
      return found <= 0;
    case '>':
      return found > 0;
    case '>=':
      return found >= 0;
  }
}

function calculate(operator: Arithmetic, left: CelValue, right: CelValue, budget: Budget): CelValue {
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    return checkInt(calculateInt(operator, left, right));
  }
  if (isPlain(left) && isPlain(right) && operator !== '%') {
    return calculateDouble(operator, Number(left), Number(right));
  }
  if (isUint(left) && isUint(right)) return checkUint(calculateInt(operator, left.value, right.value));
  if (operator === '+') {
    const sum = concatenate(left, right, budget);
    if (sum !== undefined) return sum;
  }
  return calculateTime(operator, left, right) ?? noOverload(operator, left, right);
}

function isPlain(value: CelValue): value is bigint | number {
  return typeof value === 'number' || typeof value === 'bigint';
}

function calculateInt(operator: Arithmetic, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
    case '%':
      if (right === 0n) throw new WorkflowError('expression.division', 'division by zero');
      return operator === '/' ? left / right : left % right;
  }
}

function calculateDouble(operator: Exclude<Arithmetic, '%'>, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
  }
}

function concatenate(left: CelValue, right: CelValue, budget: Budget): CelValue | undefined {
  if (typeof left === 'string' && typeof right === 'string') {
    chargeText(budget, left.length + right.length);
    return left + right;
  }
  if (isList(left) && isList(right)) return concatenateLists(left, right, budget);
  if (isBytes(left) && isBytes(right)) {
    chargeText(budget, left.value.length + right.value.length);
    const value = new Uint8Array(left.value.length + right.value.length);
    value.set(left.value);
    value.set(right.value, left.value.length);
    return { kind: 'bytes', value };
  }
  return undefined;
}

function concatenateLists(left: CelList, right: CelList, budget: Budget): CelList {
  const length = left.length + right.length;
  charge(budget, length);
  chargeMemory(budget, length * ITEM_BYTES);
  const items = Array.from({ length }, (_, at) =>
    at < left.length ? left.at(at) : right.at(at - left.length),
  );
  return { kind: 'list', length, at: (index) => items[index] ?? null };
}

function calculateTime(operator: Arithmetic, left: CelValue, right: CelValue): CelValue | undefined {
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object')
    return undefined;
  if (left.kind !== 'timestamp' && left.kind !== 'duration') return undefined;
  if (right.kind !== 'timestamp' && right.kind !== 'duration') return undefined;
  const kinds = `${left.kind} ${operator} ${right.kind}`;
  switch (kinds) {
    case 'timestamp + duration':
    case 'duration + timestamp':
      return timestampOf(left.nanos + right.nanos);
    case 'timestamp - duration':
      return timestampOf(left.nanos - right.nanos);
    case 'duration + duration':
      return durationOf(left.nanos + right.nanos);
    case 'duration - duration':
    case 'timestamp - timestamp':
      return durationOf(left.nanos - right.nanos);
    default:
      return undefined;
  }
}

function isIn(needle: CelValue, container: CelValue, budget: Budget): boolean {
  if (isList(container)) {
    for (let at = 0; at < container.length; at++) {
      if (isEqual(container.at(at), needle, budget)) return true;
    }
    return false;
  }
  if (isMap(container)) {
    const key = asKey(needle);
    return key !== undefined && container.get(key) !== undefined;
  }
  return noOverload('in', needle, container);
}

function noOverload(operator: string, left: CelValue, right: CelValue): never {
  const types = [typeOf(left), typeOf(right)];
  throw new WorkflowError('expression.type', `no ${operator} of ${types[0] ?? ''} and ${types[1] ?? ''}`, {
    hint:
      types.includes('int') && types.includes('double')
        ? 'turn one into the type of the other with int() or double()'
        : 'convert one of them, with string(), int() or double()',
  });
}
