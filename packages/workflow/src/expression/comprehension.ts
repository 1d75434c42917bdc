import { WorkflowError } from '../errors.js';
import type { Comprehension, Expression } from './ast.js';
import { ENTRY_BYTES, ITEM_BYTES, charge, chargeFailure, chargeMemory, type Budget } from './budget.js';
import type { Evaluation } from './evaluation.js';
import {
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

type Evaluate = (node: Expression, evaluation: Evaluation) => CelValue;

/** A place of a list or a key of a map, and what is there. */
type Item = readonly [key: CelValue, value: CelValue];

interface Loop {
  readonly node: Comprehension;
  readonly items: Iterable<Item>;
  readonly budget: Budget;
  /** Evaluates a part of the macro with its variables set to an item. */
  readonly evaluate: (part: Expression, item: Item) => CelValue;
}

/** Runs a macro (cel-spec, langdef "Macros"; the two-variable ones as cel-go's comprehensions extension has them). */
export function comprehend(node: Comprehension, evaluation: Evaluation, evaluate: Evaluate): CelValue {
  const { budget } = evaluation;
  const target = evaluate(node.target, evaluation);
  const [first, second] = node.variables;
  const loop: Loop = {
    node,
    items: itemsIn(target, node, budget),
    budget,
    evaluate: (part, [key, value]) => {
      const only = isMap(target) ? key : value;
      const outer = { name: first.name, value: second === undefined ? only : key, outer: evaluation.local };
      const local = second === undefined ? outer : { name: second.name, value, outer };
      return evaluate(part, { ...evaluation, local });
    },
  };
  switch (node.macro) {
    case 'all':
      return quantify(loop, false);
    case 'exists':
      return quantify(loop, true);
    case 'exists_one':
      return existsOne(loop);
    case 'filter':
      return filter(loop, isMap(target));
    case 'map':
    case 'transformList':
      return transformList(loop);
    case 'transformMap':
    case 'transformMapEntry':
      return transformMap(loop);
  }
}

function* itemsIn(target: CelValue, node: Comprehension, budget: Budget): Iterable<Item> {
  if (isList(target)) {
    for (let at = 0; at < target.length; at++) {
      charge(budget, 1);
      yield [BigInt(at), target.at(at)];
    }
  } else if (isMap(target)) {
    charge(budget, 2 * target.size);
    for (const key of target.keys()) {
      const found = asKey(key);
      yield [key, (found === undefined ? undefined : target.get(found)) ?? null];
    }
  } else {
    throw typeError(`${node.macro} goes through lists and maps, not ${typeOf(target)}`, node.target);
  }
}

/** `all` and `exists`: an item that decides counts more than one that fails. */
function quantify(loop: Loop, deciding: boolean): boolean {
  let failure: WorkflowError | undefined;
  for (const item of loop.items) {
    try {
      if (decide(loop, loop.node.body, item) === deciding) return deciding;
    } catch (error) {
      if (!(error instanceof WorkflowError) || error.code === 'expression.budget') throw error;
      chargeFailure(loop.budget);
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return !deciding;
}

function existsOne(loop: Loop): boolean {
  let count = 0;
  for (const item of loop.items) {
    if (decide(loop, loop.node.body, item)) count++;
  }
  return count === 1;
}

function filter(loop: Loop, isOfKeys: boolean): CelValue {
  const found: CelValue[] = [];
  for (const item of loop.items) {
    if (!decide(loop, loop.node.body, item)) continue;
    chargeMemory(loop.budget, ITEM_BYTES);
    found.push(isOfKeys ? item[0] : item[1]);
  }
  return listOf(found);
}

function transformList(loop: Loop): CelValue {
  const made: CelValue[] = [];
  for (const item of loop.items) {
    if (!isWanted(loop, item)) continue;
    chargeMemory(loop.budget, ITEM_BYTES);
    made.push(loop.evaluate(loop.node.body, item));
  }
  return listOf(made);
}

function transformMap(loop: Loop): CelMap {
  const entries = new Map<CelKey, { readonly key: CelValue; readonly value: CelValue }>();
  const { body, macro } = loop.node;
  for (const item of loop.items) {
    if (!isWanted(loop, item)) continue;
    const value = loop.evaluate(body, item);
    if (macro === 'transformMap') addEntry(entries, item[0], value, loop);
    else if (!isMap(value)) throw typeError(`transformMapEntry makes maps, not ${typeOf(value)}`, body);
    else {
      for (const key of value.keys()) addEntry(entries, key, value.get(asKey(key) ?? '') ?? null, loop);
    }
  }
  return mapOfEntries(entries);
}

function addEntry(
  entries: Map<CelKey, { readonly key: CelValue; readonly value: CelValue }>,
  key: CelValue,
  value: CelValue,
  { node, budget }: Loop,
): void {
  charge(budget, 1);
  chargeMemory(budget, ENTRY_BYTES);
  const found = asKey(key);
  if (found === undefined || entries.has(found)) {
    const { start, end } = node.body;
    throw new WorkflowError('expression.value', 'the key is there twice', { range: { start, end } });
  }
  entries.set(found, { key, value });
}

function isWanted(loop: Loop, item: Item): boolean {
  return loop.node.filter === undefined || decide(loop, loop.node.filter, item);
}

function decide(loop: Loop, part: Expression, item: Item): boolean {
  const value = loop.evaluate(part, item);
  if (typeof value === 'boolean') return value;
  throw typeError(`${loop.node.macro} needs a bool, not ${typeOf(value)}`, part);
}

function typeError(message: string, { start, end }: Expression): WorkflowError {
  return new WorkflowError('expression.type', message, { range: { start, end } });
}
