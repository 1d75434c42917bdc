import { WorkflowError } from '../../errors.js';
import { ITEM_BYTES, charge, chargeMemory, type Budget } from '../budget.js';
import { isEqual, order } from '../equality.js';
import { DYN, FREE, INT, joinTypes, type CelType } from '../types.js';
import { isList, itemsOf, listOf, typeOf, type CelList, type CelValue } from '../value.js';
import { intAt, listAt, type FunctionTable, type Overload } from './overload.js';

/** The functions of cel-go's lists extension. */
export const LIST_FUNCTIONS: FunctionTable = [
  ['distinct', [method(distinct)]],
  ['sort', [method(sort)]],
  ['reverse', [method((list, budget) => take(list, budget).reverse())]],
  [
    'slice',
    [
      {
        target: 'list',
        args: ['int', 'int'],
        result: same,
        apply: (values, budget) => slice(listAt(values, 0), intAt(values, 1), intAt(values, 2), budget),
      },
    ],
  ],
  [
    'flatten',
    [
      {
        target: 'list',
        args: [],
        result: ([list]) => ({ kind: 'list', item: list?.kind === 'list' ? flatItem(list.item) : DYN }),
        apply: (values, budget) => flatten(listAt(values, 0), budget),
      },
    ],
  ],
  [
    'lists.range',
    [
      {
        args: ['int'],
        result: { kind: 'list', item: INT },
        apply: (values, budget) => range(intAt(values, 0), budget),
      },
    ],
  ],
];

function same([list]: readonly CelType[]): CelType {
  return list?.kind === 'list' ? list : { kind: 'list', item: DYN };
}

function flatItem(item: CelType): CelType {
  if (item === FREE) return FREE;
  return item.kind === 'list' ? item.item : item.kind === 'dyn' ? DYN : joinTypes([item]);
}

function method(apply: (list: CelList, budget: Budget) => readonly CelValue[]): Overload {
  return {
    target: 'list',
    args: [],
    result: same,
    apply: (values, budget) => listOf(apply(listAt(values, 0), budget)),
  };
}

/** The items of a list, paid for. */
function take(list: CelList, budget: Budget): CelValue[] {
  charge(budget, 1 + list.length);
  chargeMemory(budget, list.length * ITEM_BYTES);
  return itemsOf(list);
}

function distinct(list: CelList, budget: Budget): readonly CelValue[] {
  const found: CelValue[] = [];
  for (const item of take(list, budget)) {
    if (!found.some((other) => isEqual(item, other, budget))) found.push(item);
  }
  return found;
}

const SORTED = ['int', 'uint', 'double', 'bool', 'string', 'bytes', 'timestamp', 'duration'];

function sort(list: CelList, budget: Budget): readonly CelValue[] {
  const items = take(list, budget);
  const kinds = [...new Set(items.map(typeOf))];
  const [kind] = kinds;
  if (kinds.length > 1 || (kind !== undefined && !SORTED.includes(kind))) {
    throw new WorkflowError('expression.type', `a list of ${kinds.slice(0, 3).join(' and ')} has no order`, {
      hint: 'sort a list of numbers, of text, or of times',
    });
  }
  return items.sort((a, b) => order(a, b, budget) ?? 0);
}

function slice(list: CelList, start: bigint, end: bigint, budget: Budget): CelList {
  if (start < 0n || end < start || end > BigInt(list.length)) {
    const message = `the list has no part from ${start.toString()} to ${end.toString()}`;
    throw new WorkflowError('expression.value', message, { hint: `it has ${list.length} items` });
  }
  const [from, length] = [Number(start), Number(end - start)];
  charge(budget, 1 + length);
  chargeMemory(budget, length * ITEM_BYTES);
  return listOf(Array.from({ length }, (_, at) => list.at(from + at)));
}

/** One level: lists in the list are replaced by their items. */
function flatten(list: CelList, budget: Budget): CelList {
  const items: CelValue[] = [];
  for (const item of take(list, budget)) {
    if (!isList(item)) items.push(item);
    else for (const inner of take(item, budget)) items.push(inner);
  }
  return listOf(items);
}

function range(count: bigint, budget: Budget): CelList {
  charge(budget, Math.max(0, Number(count)));
  chargeMemory(budget, Math.max(0, Number(count)) * ITEM_BYTES);
  return listOf(Array.from({ length: Math.max(0, Number(count)) }, (_, at) => BigInt(at)));
}
