import { WorkflowError } from '../../errors.js';
import { compilePattern, testPattern } from '../../pattern/pattern.js';
import { ITEM_BYTES, charge, chargeMemory, chargeReading, chargeText, type Budget } from '../budget.js';
import { BOOL, INT, STRING } from '../types.js';
import { isBytes, isList, isMap, listOf, typeOf, type CelValue } from '../value.js';
import {
  intAt,
  listAt,
  textAt,
  textMethod,
  textPredicate,
  type ArgumentType,
  type FunctionTable,
  type Overload,
} from './overload.js';
import { findFirst, splitText } from './search.js';

const TEXTS = { kind: 'list', item: STRING } as const;

/** The standard's functions of text, and those of cel-go's strings extension that need no counting of characters. */
export const TEXT_FUNCTIONS: FunctionTable = [
  ['size', (['string', 'bytes', 'list', 'map'] as const).flatMap(sizes)],
  ['contains', [textPredicate((value, part) => findFirst(value, part) !== -1)]],
  ['startsWith', [textPredicate((value, part) => value.startsWith(part))]],
  ['endsWith', [textPredicate((value, part) => value.endsWith(part))]],
  [
    'matches',
    [
      { target: 'string', args: ['string'], result: BOOL, apply: matches },
      { args: ['string', 'string'], result: BOOL, apply: matches },
    ],
  ],
  ['trim', [textMethod(trim)]],
  ['lowerAscii', [textMethod((value) => value.replace(/[A-Z]+/g, (part) => part.toLowerCase()))]],
  ['upperAscii', [textMethod((value) => value.replace(/[a-z]+/g, (part) => part.toUpperCase()))]],
  [
    'split',
    [
      { target: 'string', args: ['string'], result: TEXTS, apply: split },
      { target: 'string', args: ['string', 'int'], result: TEXTS, apply: split },
    ],
  ],
  [
    'join',
    [
      { target: 'texts', args: [], result: STRING, apply: join },
      { target: 'texts', args: ['string'], result: STRING, apply: join },
    ],
  ],
  [
    'replace',
    [
      { target: 'string', args: ['string', 'string'], result: STRING, apply: replace },
      { target: 'string', args: ['string', 'string', 'int'], result: STRING, apply: replace },
    ],
  ],
];

function sizes(type: ArgumentType): readonly Overload[] {
  return [
    { args: [type], result: INT, apply: sizeOf },
    { target: type, args: [], result: INT, apply: sizeOf },
  ];
}

function sizeOf([value = null]: readonly CelValue[], budget: Budget): CelValue {
  if (typeof value === 'string') {
    chargeReading(budget, value.length);
    // Code points, as CEL counts.
    return BigInt(value.length - (value.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0));
  }
  if (isBytes(value)) return BigInt(value.value.length);
  if (isList(value)) return BigInt(value.length);
  if (!isMap(value)) return 0n;
  const { size } = value;
  charge(budget, 2 * size);
  return BigInt(size);
}

/** Steps of a pattern that count as one unit of an expression's budget. */
const WORK_PER_UNIT = 10;
/** What is refused may have been written out to the limit first. */
const FAILED_PATTERN_UNITS = 1250;

function matches(values: readonly CelValue[], budget: Budget): CelValue {
  charge(budget, 10);
  try {
    const pattern = compilePattern(textAt(values, 1));
    // The same whether it was compiled before or not: an evaluation comes out the same each time.
    charge(budget, pattern.program.length >> 2);
    const work = { remaining: budget.remaining * WORK_PER_UNIT };
    const found = testPattern(pattern, textAt(values, 0), work);
    charge(budget, budget.remaining - Math.floor(work.remaining / WORK_PER_UNIT));
    return found;
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    if (error.code === 'pattern.budget') charge(budget, Infinity);
    if (error.code === 'expression.budget') throw error;
    charge(budget, FAILED_PATTERN_UNITS);
    // Its range is one within the pattern; the expression's own place is put in on the way up.
    throw new WorkflowError('expression.pattern', error.message, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

/** White space as Unicode has it: with U+0085, without the byte order mark. */
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function trim(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && SPACE.test(value.charAt(start))) start++;
  while (end > start && SPACE.test(value.charAt(end - 1))) end--;
  return value.slice(start, end);
}

function split(values: readonly CelValue[], budget: Budget): CelValue {
  const [value, separator] = [textAt(values, 0), textAt(values, 1)];
  const most = values.length > 2 ? Number(intAt(values, 2)) : -1;
  chargeReading(budget, value.length);
  if (most === 0) return listOf([]);
  const parts = separator === '' ? Array.from(value) : splitText(value, separator);
  charge(budget, parts.length);
  chargeMemory(budget, 2 * value.length + parts.length * 2 * ITEM_BYTES);
  if (most < 0 || parts.length <= most) return listOf(parts);
  return listOf([...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)]);
}

function join(values: readonly CelValue[], budget: Budget): CelValue {
  const list = listAt(values, 0);
  const separator = textAt(values, 1);
  charge(budget, list.length);
  let length = 0;
  const parts: string[] = [];
  for (let at = 0; at < list.length; at++) {
    const item = list.at(at);
    if (typeof item !== 'string') {
      const message = `join needs a list of text, and one item is ${typeOf(item)}`;
      throw new WorkflowError('expression.type', message, {
        hint: 'turn them into text with .map(x, string(x))',
      });
    }
    length += item.length + separator.length;
    parts.push(item);
  }
  chargeText(budget, length);
  return parts.join(separator);
}

function replace(values: readonly CelValue[], budget: Budget): CelValue {
  const [value, from, to] = [textAt(values, 0), textAt(values, 1), textAt(values, 2)];
  const limit = values.length > 3 ? intAt(values, 3) : -1n;
  const most = limit >= 0n ? Number(limit) : Infinity;
  chargeReading(budget, value.length);
  const parts = from === '' ? ['', ...Array.from(value), ''] : splitText(value, from);
  const count = Math.min(parts.length - 1, most);
  charge(budget, parts.length);
  chargeMemory(budget, parts.length * ITEM_BYTES);
  chargeText(budget, value.length + count * Math.max(0, to.length - from.length));
  return [...parts.slice(0, count), parts.slice(count).join(from)].join(to);
}
