import type { BinaryOperator, Expression } from '../ast.js';
import { BOOL, DURATION, DYN, TIMESTAMP, joinTypes, kindOf, nameOf, type CelType } from '../types.js';
import { inferOperand, isOneOf, report, type Check } from './context.js';

export function inferUnary(node: Extract<Expression, { kind: 'unary' }>, check: Check): CelType {
  const type = inferOperand(node.operand, check);
  const allowed: readonly CelType['kind'][] =
    node.operator === '!' ? ['bool', 'dyn'] : ['int', 'double', 'dyn'];
  if (!isOneOf(type, allowed)) {
    report(check, 'expression.type', `no ${node.operator} of ${nameOf(type)}`, node.operand);
  }
  return node.operator === '!' ? BOOL : type;
}

export function inferBinary(node: Extract<Expression, { kind: 'binary' }>, check: Check): CelType {
  const left = inferOperand(node.left, check);
  const right = inferOperand(node.right, check);
  const result = binaryResult(node.operator, left, right);
  if (result !== undefined) return result;
  const isComparison = node.operator === '==' || node.operator === '!=';
  const message = isComparison
    ? `${nameOf(left)} is never equal to ${nameOf(right)}`
    : `no ${node.operator} of ${nameOf(left)} and ${nameOf(right)}`;
  report(check, 'expression.type', message, node, { hint: conversionHint(left, right) });
  return isComparison ? BOOL : DYN;
}

/** Undefined when no overload can ever apply. */
function binaryResult(operator: BinaryOperator, left: CelType, right: CelType): CelType | undefined {
  const [a, b] = [kindOf(left), kindOf(right)];
  const isFree = a === 'dyn' || b === 'dyn';
  const areNumbers = isNumber(a) && isNumber(b);
  switch (operator) {
    case '==':
    case '!=':
      return isFree || a === b || areNumbers || a === 'null' || b === 'null' ? BOOL : undefined;
    case '<':
    case '<=':
    case '>':
    case '>=':
      return isOrdered(a) && isOrdered(b) && (isFree || a === b || areNumbers) ? BOOL : undefined;
    case 'in':
      return b === 'list' || b === 'map' || b === 'dyn' ? BOOL : undefined;
    default:
      return arithmeticResult(operator, left, right);
  }
}

const ORDERED = ['int', 'uint', 'double', 'string', 'bytes', 'bool', 'timestamp', 'duration', 'dyn'];

function isOrdered(kind: string): boolean {
  return ORDERED.includes(kind);
}

const TIMES: ReadonlyMap<string, CelType> = new Map([
  ['timestamp + duration', TIMESTAMP],
  ['duration + timestamp', TIMESTAMP],
  ['duration + duration', DURATION],
  ['timestamp - duration', TIMESTAMP],
  ['timestamp - timestamp', DURATION],
  ['duration - duration', DURATION],
]);

/** What two values of the same type may be combined by. */
const SAME: Readonly<Record<'+' | '-' | '*' | '/' | '%', readonly string[]>> = {
  '+': ['int', 'uint', 'double', 'string', 'bytes', 'list'],
  '-': ['int', 'uint', 'double'],
  '*': ['int', 'uint', 'double'],
  '/': ['int', 'uint', 'double'],
  '%': ['int', 'uint'],
};

function arithmeticResult(
  operator: '+' | '-' | '*' | '/' | '%',
  left: CelType,
  right: CelType,
): CelType | undefined {
  const [a, b] = [kindOf(left), kindOf(right)];
  if (a === 'dyn' || b === 'dyn') {
    const isFine = [a, b].every(
      (kind) => kind === 'dyn' || SAME[operator].includes(kind) || takesTime(operator, kind),
    );
    const known = a === 'dyn' ? right : left;
    if (!isFine) return undefined;
    if (known.kind === 'list') return LIST_OF_ANY;
    // An int may meet a double, and a time a duration.
    return takesTime(operator, kindOf(known)) || (known.kind === 'int' && operator !== '%') ? DYN : known;
  }
  if (left.kind === 'list' && right.kind === 'list' && !areAlike(left.item, right.item)) return undefined;
  if (a === b && SAME[operator].includes(a)) return joinTypes([left, right]);
  return TIMES.get(`${a} ${operator} ${b}`);
}

const LIST_OF_ANY: CelType = { kind: 'list', item: DYN };

/** A list of both would hold what nothing is known of. */
function areAlike(a: CelType, b: CelType): boolean {
  return a.kind === 'dyn' || b.kind === 'dyn' || joinTypes([a, b]).kind !== 'dyn';
}

function takesTime(operator: string, kind: string): boolean {
  return (operator === '+' || operator === '-') && (kind === 'timestamp' || kind === 'duration');
}

function conversionHint(left: CelType, right: CelType): string | undefined {
  const kinds = [left.kind, right.kind];
  if (left.kind === 'list' && right.kind === 'list')
    return 'one holds other values than the other: convert them with map()';
  if (kinds.includes('string') && kinds.includes('timestamp')) return 'convert the text with timestamp()';
  if (kinds.includes('string') && kinds.includes('duration')) return 'convert the text with duration()';
  if (kinds.includes('int') && kinds.includes('double')) return 'write 2.0 for 2, or use int() or double()';
  if (kinds.includes('uint')) return 'use int() or uint(), or write 2u for 2';
  if (kinds.includes('string') && (kinds.includes('int') || kinds.includes('double'))) {
    return 'convert with string(), int() or double()';
  }
  return kinds.includes('string') && kinds.includes('bool')
    ? 'write true and false without quotes'
    : undefined;
}

function isNumber(kind: string): boolean {
  return kind === 'int' || kind === 'uint' || kind === 'double';
}
