import type { Comprehension } from '../ast.js';
import { BOOL, DYN, FREE, INT, keyTypeOf, kindOf, nameOf, valueTypeOf, type CelType } from '../types.js';
import { expectBool, inferOperand, isOneOf, report, withLocal, type Check } from './context.js';
import { factsOf, withFacts } from './proven.js';

export function inferComprehension(node: Comprehension, check: Check): CelType {
  const target = inferOperand(node.target, check);
  if (!isOneOf(target, ['list', 'map', 'dyn'])) {
    report(
      check,
      'expression.type',
      `${node.macro} goes through lists and maps, not ${nameOf(target)}`,
      node.target,
    );
  }
  const [first, second] = node.variables;
  const [key, value] = itemTypes(target);
  const isList = target.kind === 'list';
  const only = isList ? value : kindOf(target) === 'map' ? key : DYN;
  const outer = { name: first.name, type: second === undefined ? only : key, outer: check.local };
  const local = second === undefined ? outer : { name: second.name, type: value, outer };
  return withLocal(check, local, () => inferBody(node, only, key, check));
}

/** Types of the places or keys of what is gone through, and of what is there. */
function itemTypes(target: CelType): readonly [key: CelType, value: CelType] {
  if (target.kind === 'list') return [INT, target.item];
  return kindOf(target) === 'map' ? [keyTypeOf(target), valueTypeOf(target)] : [DYN, DYN];
}

function inferBody(node: Comprehension, item: CelType, key: CelType, check: Check): CelType {
  const { macro, filter, body } = node;
  if (macro === 'all' || macro === 'exists' || macro === 'exists_one' || macro === 'filter') {
    expectBool(body, macro, check);
    return macro === 'filter' ? { kind: 'list', item } : BOOL;
  }
  if (filter !== undefined) expectBool(filter, macro, check);
  const facts = filter === undefined ? [] : factsOf(filter, true);
  const made = withFacts(check, facts, () => inferOperand(body, check));
  switch (macro) {
    case 'map':
    case 'transformList':
      return { kind: 'list', item: made === FREE ? DYN : made };
    case 'transformMap':
      return { kind: 'map', key, value: made };
    case 'transformMapEntry':
      if (isOneOf(made, ['map', 'dyn']))
        return { kind: 'map', key: keyTypeOf(made), value: valueTypeOf(made) };
      report(check, 'expression.type', `${macro} makes maps, not ${nameOf(made)}`, body, {
        hint: 'give an entry, as in {k: v}',
      });
      return { kind: 'map', key: DYN, value: DYN };
  }
}
