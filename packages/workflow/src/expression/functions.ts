import { WorkflowError } from '../errors.js';
import { compilePattern, testPattern } from '../pattern/pattern.js';
import { quote } from '../text.js';
import { charge, chargeText, type Budget } from './budget.js';
import { checkInt } from './operators.js';
import { isList, typeOf, type CelValue } from './value.js';

/** A type an argument may have; `any` takes all. */
export type ArgumentType = 'string' | 'int' | 'double' | 'bool' | 'list' | 'map' | 'any';

/** One way to call a function. */
export interface Overload {
  /** Of the value before the dot; undefined for a function that stands alone. */
  readonly target?: ArgumentType;
  readonly args: readonly ArgumentType[];
  readonly result: 'string' | 'int' | 'double' | 'bool' | 'list<string>';
  /** Gets the target first, then the arguments, already of the right types. */
  readonly apply: (values: readonly CelValue[], budget: Budget) => CelValue;
}

const text = (value: CelValue | undefined): string => (typeof value === 'string' ? value : '');

/** All functions by name: the CEL standard's that need no protobuf, and the usual string extensions. */
export const FUNCTIONS: ReadonlyMap<string, readonly Overload[]> = new Map<string, readonly Overload[]>([
  ['size', [...both('string', sizeOf), ...both('list', sizeOf), ...both('map', sizeOf)]],
  ['contains', [predicate((a, b) => a.includes(b))]],
  ['startsWith', [predicate((a, b) => a.startsWith(b))]],
  ['endsWith', [predicate((a, b) => a.endsWith(b))]],
  [
    'matches',
    [
      { target: 'string', args: ['string'], result: 'bool', apply: matches },
      { args: ['string', 'string'], result: 'bool', apply: matches },
    ],
  ],
  ['trim', [method((value) => value.trim())]],
  ['lowerAscii', [method((value) => value.replace(/[A-Z]+/g, (part) => part.toLowerCase()))]],
  ['upperAscii', [method((value) => value.replace(/[a-z]+/g, (part) => part.toUpperCase()))]],
  [
    'split',
    [
      { target: 'string', args: ['string'], result: 'list<string>', apply: split },
      { target: 'string', args: ['string', 'int'], result: 'list<string>', apply: split },
    ],
  ],
  [
    'join',
    [
      { target: 'list', args: [], result: 'string', apply: join },
      { target: 'list', args: ['string'], result: 'string', apply: join },
    ],
  ],
  [
    'replace',
    [
      { target: 'string', args: ['string', 'string'], result: 'string', apply: replace },
      { target: 'string', args: ['string', 'string', 'int'], result: 'string', apply: replace },
    ],
  ],
  [
    'string',
    conversions(['string', 'int', 'double', 'bool'], 'string', ([value]) => celString(value ?? null)),
  ],
  ['int', conversions(['int', 'double', 'string'], 'int', ([value]) => toInt(value ?? null))],
  ['double', conversions(['double', 'int', 'string'], 'double', ([value]) => toDouble(value ?? null))],
]);

function both(target: ArgumentType, apply: Overload['apply']): readonly Overload[] {
  return [
    { args: [target], result: 'int', apply },
    { target, args: [], result: 'int', apply },
  ];
}

function method(apply: (value: string) => string): Overload {
  return {
    target: 'string',
    args: [],
    result: 'string',
    apply: ([value], budget) => {
      chargeText(budget, text(value).length);
      return apply(text(value));
    },
  };
}

function predicate(apply: (value: string, part: string) => boolean): Overload {
  return {
    target: 'string',
    args: ['string'],
    result: 'bool',
    apply: ([value, part], budget) => {
      chargeText(budget, text(value).length);
      return apply(text(value), text(part));
    },
  };
}

function conversions(
  from: readonly ArgumentType[],
  result: Overload['result'],
  apply: Overload['apply'],
): readonly Overload[] {
  return from.map((type) => ({ args: [type], result, apply }));
}

function sizeOf([value]: readonly CelValue[], budget: Budget): CelValue {
  if (typeof value === 'string') {
    chargeText(budget, value.length);
    // Code points, as CEL counts.
    return BigInt(value.length - (value.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0));
  }
  if (value === undefined || value === null || typeof value !== 'object') return 0n;
  return BigInt(value.kind === 'list' ? value.items.length : value.size);
}

/** Steps of a pattern that count as one unit of an expression's budget. */
const WORK_PER_UNIT = 10;

function matches([value, pattern]: readonly CelValue[], budget: Budget): CelValue {
  charge(budget, 10);
  const work = { remaining: budget.remaining * WORK_PER_UNIT };
  try {
    const found = testPattern(compilePattern(text(pattern)), text(value), work);
    charge(budget, budget.remaining - Math.floor(work.remaining / WORK_PER_UNIT));
    return found;
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    if (error.code === 'pattern.budget') charge(budget, Infinity);
    if (error.code === 'expression.budget') throw error;
    // Its range is one within the pattern; the expression's own place is put in on the way up.
    throw new WorkflowError('expression.pattern', error.message, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

function split([value, separator, limit]: readonly CelValue[], budget: Budget): CelValue {
  const most = typeof limit === 'bigint' ? Number(limit) : -1;
  chargeText(budget, text(value).length);
  if (most === 0) return { kind: 'list', items: [] };
  const parts = text(separator) === '' ? Array.from(text(value)) : text(value).split(text(separator));
  charge(budget, parts.length);
  if (most < 0 || parts.length <= most) return { kind: 'list', items: parts };
  const rest = parts.slice(most - 1).join(text(separator));
  return { kind: 'list', items: [...parts.slice(0, most - 1), rest] };
}

function join([list, separator]: readonly CelValue[], budget: Budget): CelValue {
  const items = list !== undefined && isList(list) ? list.items : [];
  charge(budget, items.length);
  let length = 0;
  for (const item of items) {
    if (typeof item !== 'string') {
      throw new WorkflowError(
        'expression.type',
        `join needs a list of text, and one item is ${typeOf(item)}`,
      );
    }
    length += item.length + text(separator).length;
  }
  chargeText(budget, length);
  return items.map(text).join(text(separator));
}

function replace([value, from, to, limit]: readonly CelValue[], budget: Budget): CelValue {
  const most = typeof limit === 'bigint' && limit >= 0n ? Number(limit) : Infinity;
  chargeText(budget, text(value).length);
  const parts = text(from) === '' ? ['', ...Array.from(text(value)), ''] : text(value).split(text(from));
  const count = Math.min(parts.length - 1, most);
  charge(budget, parts.length);
  chargeText(budget, text(value).length + count * Math.max(0, text(to).length - text(from).length));
  return [...parts.slice(0, count), parts.slice(count).join(text(from))].join(text(to));
}

/** A value as text, as `string()` and interpolation write it. */
export function celString(value: CelValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'object') {
    throw new WorkflowError('expression.type', `a ${value.kind} has no form as text`);
  }
  return String(value);
}

function toInt(value: CelValue): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new WorkflowError('expression.overflow', 'the number is not finite');
    return checkInt(BigInt(Math.trunc(value)));
  }
  if (typeof value === 'string' && /^[+-]?\d{1,20}$/.test(value))
    return checkInt(BigInt(value.replace('+', '')));
  return cannotConvert(value, 'an integer');
}

function toDouble(value: CelValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (
    typeof value === 'string' &&
    /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?$/.test(value)
  ) {
    return Number(value);
  }
  return cannotConvert(value, 'a number');
}

function cannotConvert(value: CelValue, what: string): never {
  const shown = typeof value === 'string' ? quote(value, 40) : typeOf(value);
  throw new WorkflowError('expression.type', `${shown} is not ${what}`);
}
