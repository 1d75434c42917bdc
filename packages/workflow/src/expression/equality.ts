import { charge, chargeReading, checkDepth, type Budget } from './budget.js';
import { secretError } from './secret.js';
import { asKey, isBytes, isList, isMap, isUint, type CelList, type CelMap, type CelValue } from './value.js';

/** CEL's equality: values of different types differ, but numbers are compared by what they are. */
export function isEqual(left: CelValue, right: CelValue, budget: Budget, depth = 0): boolean {
  charge(budget, 1);
  checkDepth(depth);
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return compareNumbers(a, b) === 0;
  if (typeof left === 'string' && typeof right === 'string') {
    chargeReading(budget, Math.min(left.length, right.length));
    return left === right;
  }
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object') {
    if (isSecret(left) || isSecret(right)) throw secretError();
    return left === right;
  }
  if (isList(left)) return isList(right) && areListsEqual(left, right, budget, depth);
  if (isMap(left)) return isMap(right) && areMapsEqual(left, right, budget, depth);
  if (left.kind === 'secret' || right.kind === 'secret') throw secretError();
  if (left.kind === 'type' || right.kind === 'type') {
    return left.kind === 'type' && right.kind === 'type' && left.name === right.name;
  }
  return left.kind === right.kind && order(left, right, budget) === 0;
}

function isSecret(value: CelValue): boolean {
  return typeof value === 'object' && value?.kind === 'secret';
}

function areListsEqual(left: CelList, right: CelList, budget: Budget, depth: number): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) {
    if (!isEqual(left.at(at), right.at(at), budget, depth + 1)) return false;
  }
  return true;
}

function areMapsEqual(left: CelMap, right: CelMap, budget: Budget, depth: number): boolean {
  charge(budget, 4 * left.size);
  if (left.size !== right.size) return false;
  for (const key of left.keys()) {
    const found = asKey(key);
    const other = found === undefined ? undefined : right.get(found);
    if (found === undefined || other === undefined) return false;
    if (!isEqual(left.get(found) ?? null, other, budget, depth + 1)) return false;
  }
  return true;
}

/**
 * How two values are ordered: below 0, 0, or above 0. `NaN` for numbers of which one is no number, undefined for values that have no order
 * between them.
 */
export function order(left: CelValue, right: CelValue, budget: Budget): number | undefined {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return compareNumbers(a, b);
  if (typeof left === 'string' && typeof right === 'string') {
    chargeReading(budget, Math.min(left.length, right.length));
    return compareText(left, right);
  }
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (isBytes(left) && isBytes(right)) {
    chargeReading(budget, Math.min(left.value.length, right.value.length));
    return compareBytes(left.value, right.value);
  }
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object')
    return undefined;
  const isTime = left.kind === 'timestamp' || left.kind === 'duration';
  if (!isTime || (right.kind !== 'timestamp' && right.kind !== 'duration') || left.kind !== right.kind) {
    return undefined;
  }
  return left.nanos < right.nanos ? -1 : left.nanos > right.nanos ? 1 : 0;
}

function numberOf(value: CelValue): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return isUint(value) ? value.value : undefined;
}

/** An integer is compared with a double as the double that is nearest to it. `NaN` where one is no number. */
function compareNumbers(left: bigint | number, right: bigint | number): number {
  const [a, b] = typeof left === typeof right ? [left, right] : [Number(left), Number(right)];
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : NaN;
}

/** By code points, as CEL orders text; JavaScript orders by UTF-16 units. */
export function compareText(left: string, right: string): number {
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

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
