import { WorkflowError } from '../../errors.js';
import { ITEM_BYTES, charge, chargeMemory, chargeReading, chargeText, type Budget } from '../budget.js';
import { INT, STRING } from '../types.js';
import type { CelValue } from '../value.js';
import { intAt, textAt, type FunctionTable } from './overload.js';
import { findFirst, findLast } from './search.js';

/** The functions of cel-go's strings extension that count characters, which are code points. */
export const TEXT_PLACE_FUNCTIONS: FunctionTable = [
  ['charAt', [{ target: 'string', args: ['int'], result: STRING, apply: charAt }]],
  [
    'indexOf',
    [
      {
        target: 'string',
        args: ['string'],
        result: INT,
        apply: (values, budget) => find(values, budget, 'first'),
      },
      {
        target: 'string',
        args: ['string', 'int'],
        result: INT,
        apply: (values, budget) => find(values, budget, 'first'),
      },
    ],
  ],
  [
    'lastIndexOf',
    [
      {
        target: 'string',
        args: ['string'],
        result: INT,
        apply: (values, budget) => find(values, budget, 'last'),
      },
      {
        target: 'string',
        args: ['string', 'int'],
        result: INT,
        apply: (values, budget) => find(values, budget, 'last'),
      },
    ],
  ],
  [
    'substring',
    [
      { target: 'string', args: ['int'], result: STRING, apply: substring },
      { target: 'string', args: ['int', 'int'], result: STRING, apply: substring },
    ],
  ],
  [
    'reverse',
    [
      {
        target: 'string',
        args: [],
        result: STRING,
        apply: (values, budget) => {
          const points = pointsOf(textAt(values, 0), budget);
          chargeText(budget, textAt(values, 0).length);
          return Array.from(points).reverse().join('');
        },
      },
    ],
  ],
];

/** Text by its code points: itself where every unit is one, which is nearly always. */
type Points = string | readonly string[];

function pointsOf(text: string, budget: Budget): Points {
  chargeReading(budget, text.length);
  if (!/[\ud800-\udbff]/.test(text)) return text;
  charge(budget, text.length);
  chargeMemory(budget, text.length * ITEM_BYTES);
  return Array.from(text);
}

function charAt(values: readonly CelValue[], budget: Budget): CelValue {
  const points = pointsOf(textAt(values, 0), budget);
  return points[placeIn(points, intAt(values, 1))] ?? '';
}

function substring(values: readonly CelValue[], budget: Budget): CelValue {
  const points = pointsOf(textAt(values, 0), budget);
  const start = placeIn(points, intAt(values, 1));
  const end = values.length > 2 ? placeIn(points, intAt(values, 2)) : points.length;
  if (end < start) {
    throw new WorkflowError('expression.value', `a text has no part from ${start} to ${end}`);
  }
  chargeText(budget, end - start);
  return typeof points === 'string' ? points.slice(start, end) : points.slice(start, end).join('');
}

function find(values: readonly CelValue[], budget: Budget, which: 'first' | 'last'): CelValue {
  const text = textAt(values, 0);
  const part = textAt(values, 1);
  const points = pointsOf(text, budget);
  const from = values.length > 2 ? placeIn(points, intAt(values, 2)) : which === 'first' ? 0 : points.length;
  const unit = unitsBefore(points, from);
  chargeReading(budget, text.length + part.length);
  const found = which === 'first' ? findFirst(text, part, unit) : findLast(text, part, unit);
  if (found === -1 || typeof points === 'string') return BigInt(found);
  return BigInt(Array.from(text.slice(0, found)).length);
}

/** Where a code point begins, in UTF-16 units. */
function unitsBefore(points: Points, place: number): number {
  return typeof points === 'string' ? place : points.slice(0, place).join('').length;
}

function placeIn(points: Points, place: bigint): number {
  if (place < 0n || place > BigInt(points.length)) {
    const message = `the text has no place ${place.toString()}`;
    throw new WorkflowError('expression.value', message, { hint: `it has ${points.length} characters` });
  }
  return Number(place);
}
