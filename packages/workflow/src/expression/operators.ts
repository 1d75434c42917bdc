import { WorkflowError } from '../errors.js';
import type { BinaryOperator } from './ast.js';
import { charge, chargeText, type Budget } from './budget.js';
import { isList, isMap, typeOf, type CelKey, type CelValue } from './value.js';

const INT_MAX = 2n ** 63n - 1n;
const INT_MIN = -(2n ** 63n);

/** Applies a binary operator with CEL's semantics: no mixing of int and double, 64-bit overflow is an error. */
export function applyBinary(
  operator: BinaryOperator,
  left: CelValue,
  right: CelValue,
  budget: Budget,
): CelValue {
  charge(budget, 1);
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
    case '>=':
      return compare(operator, left, right, budget);
    default:
      return calculate(operator, left, right, budget);
  }
}

function calculate(
  operator: '+' | '-' | '*' | '/' | '%',
  left: CelValue,
  right: CelValue,
  budget: Budget,
): CelValue {
  if (typeof left === 'bigint' && typeof right === 'bigint') return calculateInt(operator, left, right);
  if (typeof left === 'number' && typeof right === 'number' && operator !== '%') {
    return calculateDouble(operator, left, right);
  }
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') {
    chargeText(budget, left.length + right.length);
    return left + right;
  }
  if (operator === '+' && isList(left) && isList(right)) {
    charge(budget, left.items.length + right.items.length);
    return { kind: 'list', items: [...left.items, ...right.items] };
  }
  return noOverload(operator, left, right);
}

function calculateInt(operator: '+' | '-' | '*' | '/' | '%', left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return checkInt(left + right);
    case '-':
      return checkInt(left - right);
    case '*':
      return checkInt(left * right);
    case '/':
    case '%':
      if (right === 0n) throw new WorkflowError('expression.division', 'division by zero');
      return checkInt(operator === '/' ? left / right : left % right);
  }
}

function calculateDouble(operator: '+' | '-' | '*' | '/', left: number, right: number): number {
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

/** Throws WorkflowError `expression.overflow` for what does not fit 64 bits. */
export function checkInt(value: bigint): bigint {
  if (value > INT_MAX || value < INT_MIN) {
    throw new WorkflowError('expression.overflow', 'the integer does not fit 64 bits');
  }
  return value;
}

function compare(
  operator: '<' | '<=' | '>' | '>=',
  left: CelValue,
  right: CelValue,
  budget: Budget,
): boolean {
  if (isNumber(left) && isNumber(right)) {
    return decide(operator, left < right, left > right, left == right);
  }
  if (typeof left === 'string' && typeof right === 'string') {
    chargeText(budget, Math.min(left.length, right.length));
    const order = compareText(left, right);
    return decide(operator, order < 0, order > 0, order === 0);
  }
  if (typeof left === 'boolean' && typeof right === 'boolean') {
    return decide(operator, !left && right, left && !right, left === right);
  }
  return noOverload(operator, left, right);
}

function decide(operator: '<' | '<=' | '>' | '>=', less: boolean, more: boolean, same: boolean): boolean {
  switch (operator) {
    case '<':
      return less;
    case '<=':
      return less || same;
    case '>':
      return more;
    case '>=':
      return more || same;
  }
}

/** By code points, as CEL orders text; JavaScript orders by UTF-16 units. */
function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a === b) continue;
    const isSurrogateA = a >= 0xd800 && a <= 0xdfff;
    const isSurrogateB = b >= 0xd800 && b <= 0xdfff;
    return isSurrogateA === isSurrogateB ? a - b : isSurrogateA ? 1 : -1;
  }
  return left.length - right.length;
}

/** CEL's equality: values of different types differ, but numbers are compared by what they are. */
export function isEqual(left: CelValue, right: CelValue, budget: Budget): boolean {
  charge(budget, 1);
  if (isNumber(left) && isNumber(right)) return left == right;
  if (typeof left === 'string' && typeof right === 'string') {
    chargeText(budget, Math.min(left.length, right.length));
    return left === right;
  }
  if (isList(left) && isList(right)) {
    const { items } = right;
    return (
      left.items.length === items.length &&
      left.items.every((item, i) => isEqual(item, items[i] ?? null, budget))
    );
  }
  if (isMap(left) && isMap(right)) {
    if (left.size !== right.size) return false;
    for (const key of left.keys()) {
      const other = right.get(key);
      if (other === undefined || !isEqual(left.get(key) ?? null, other, budget)) return false;
    }
    return true;
  }
  return left === right;
}

function isIn(needle: CelValue, container: CelValue, budget: Budget): boolean {
  if (isList(container)) return container.items.some((item) => isEqual(item, needle, budget));
  if (isMap(container)) {
    const key = asKey(needle);
    return key !== undefined && container.get(key) !== undefined;
  }
  return noOverload('in', needle, container);
}

/** A value as a key of a map; a double with no fraction finds an int. */
export function asKey(value: CelValue): CelKey | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean'
    ? value
    : undefined;
}

function isNumber(value: CelValue): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
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
