import type { SourceRange } from '../source/tree.js';
import type { Call, Comprehension, Expression, Macro, Variable } from './ast.js';
import { FUNCTIONS } from './functions/table.js';
import { failSyntax } from './tokens.js';

/** Names of macros after a dot, each with the counts of its arguments by the count of its variables. */
const COMPREHENSIONS: ReadonlyMap<
  string,
  { readonly macro: Macro; readonly one: readonly number[]; readonly two: readonly number[] }
> = new Map([
  ['all', { macro: 'all', one: [2], two: [3] }],
  ['exists', { macro: 'exists', one: [2], two: [3] }],
  ['exists_one', { macro: 'exists_one', one: [2], two: [3] }],
  ['existsOne', { macro: 'exists_one', one: [2], two: [3] }],
  ['map', { macro: 'map', one: [2, 3], two: [] }],
  ['filter', { macro: 'filter', one: [2], two: [] }],
  ['transformList', { macro: 'transformList', one: [], two: [3, 4] }],
  ['transformMap', { macro: 'transformMap', one: [], two: [3, 4] }],
  ['transformMapEntry', { macro: 'transformMapEntry', one: [], two: [3, 4] }],
]);

/** Names of the macros, for suggestions. */
export const MACRO_NAMES: readonly string[] = ['has', ...COMPREHENSIONS.keys()];

/** A call as what it means: a macro, a function of a namespace, or a call (cel-spec, langdef "Macros"). */
export function expandCall(call: Call): Expression {
  const { target } = call;
  const range = { start: call.start, end: call.end };
  if (target === undefined) return call.name === 'has' ? expandHas(call, range) : call;
  if (target.kind === 'name' && target.isRoot === undefined) {
    if (target.name === 'cel' && call.name === 'bind') return expandBind(call, range);
    // A function of a namespace looks like a method of its name: `math.abs(x)`.
    const name = `${target.name}.${call.name}`;
    if (FUNCTIONS.has(name)) {
      return {
        kind: 'call',
        name,
        nameRange: { start: target.start, end: call.nameRange.end },
        args: call.args,
        ...range,
      };
    }
  }
  const found = COMPREHENSIONS.get(call.name);
  return found === undefined ? call : expandComprehension(call, target, found, range);
}

function expandHas(call: Call, range: SourceRange): Expression {
  const [field] = call.args;
  if (call.args.length !== 1 || (field?.kind !== 'member' && field?.kind !== 'index')) {
    return failSyntax('has() needs a field, like has(steps.build.outputs.image)', range);
  }
  return { kind: 'has', field, ...range };
}

function expandBind(call: Call, range: SourceRange): Expression {
  const [variable, value, body] = call.args;
  if (variable === undefined || value === undefined || body === undefined || call.args.length !== 3) {
    return failSyntax('cel.bind() takes a name, its value and what is made of it', call.nameRange);
  }
  return { kind: 'bind', variable: asVariable(variable), value, body, ...range };
}

function expandComprehension(
  call: Call,
  target: Expression,
  {
    macro,
    one,
    two,
  }: { readonly macro: Macro; readonly one: readonly number[]; readonly two: readonly number[] },
  range: SourceRange,
): Comprehension {
  const count = call.args.length;
  const names = one.includes(count) ? 1 : two.includes(count) ? 2 : 0;
  const [first, second] = call.args;
  const body = call.args.at(-1);
  if (names === 0 || first === undefined || second === undefined || body === undefined) {
    const example = two.length > 0 && one.length === 0 ? `(k, v, …)` : `(x, …)`;
    return failSyntax(
      `${call.name} takes a name and an expression`,
      call.nameRange,
      `write ${call.name}${example}`,
    );
  }
  const variables: Comprehension['variables'] =
    names === 1 ? [asVariable(first)] : [asVariable(first), asVariable(second)];
  if (variables[0].name === variables[1]?.name) failSyntax('both variables have the same name', second);
  const filter = count === names + 2 ? call.args[names] : undefined;
  return {
    kind: 'comprehension',
    macro,
    target,
    variables,
    ...(filter === undefined ? {} : { filter }),
    body,
    ...range,
  };
}

function asVariable(node: Expression): Variable {
  if (node.kind !== 'name' || node.isRoot === true) {
    return failSyntax('the variable must be a plain name', node, 'write it as in .map(x, x + 1)');
  }
  return { name: node.name, start: node.start, end: node.end };
}
