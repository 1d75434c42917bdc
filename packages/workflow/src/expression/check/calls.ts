import { WorkflowError } from '../../errors.js';
import { compileWithin } from '../../pattern/pattern.js';
import { suggest } from '../../suggest.js';
import { tick } from '../../text.js';
import type { Call, Expression } from '../ast.js';
import { allows, signaturesOf, wantedTypes, type Overload } from '../functions/overload.js';
import { FUNCTIONS } from '../functions/table.js';
import { MACRO_NAMES } from '../macros.js';
import { DYN, joinTypes, nameOf, type CelType } from '../types.js';
import { findAlias } from './aliases.js';
import { inferOperand, report, type Check } from './context.js';

export function inferCall(node: Call, check: Check): CelType {
  const overloads = FUNCTIONS.get(node.name);
  if (overloads === undefined) return reportUnknownFunction(node, check);
  const parts = node.target === undefined ? node.args : [node.target, ...node.args];
  const types = parts.map((part) => inferOperand(part, check));
  const fitting = overloads.filter((overload) => accepts(overload, node.target !== undefined, types));
  if (fitting.length === 0) {
    const given = types.map(nameOf).join(', ');
    report(check, 'expression.type', `${node.name} does not take (${given})`, node.nameRange, {
      hint: signaturesOf(node.name, overloads),
    });
    return DYN;
  }
  if (node.name === 'matches') checkPatternLiteral(node.args.at(-1), check);
  return joinTypes(fitting.map(({ result }) => (typeof result === 'function' ? result(types) : result)));
}

function reportUnknownFunction(node: Call, check: Check): CelType {
  const { target } = node;
  const namespace = target?.kind === 'name' ? `${target.name}.` : '';
  const isNamespaced = namespace !== '' && [...FUNCTIONS.keys()].some((name) => name.startsWith(namespace));
  const name = isNamespaced ? `${namespace}${node.name}` : node.name;
  const near = suggest(name, [...FUNCTIONS.keys(), ...MACRO_NAMES]);
  report(check, 'expression.unknown', `no function is called ${tick(name)}`, node.nameRange, {
    hint: findAlias(node.name) ?? (near === undefined ? undefined : `did you mean ${tick(near)}?`),
    label: 'not a function that expressions know',
  });
  const parts = target === undefined || isNamespaced ? node.args : [target, ...node.args];
  for (const part of parts) inferOperand(part, check);
  return DYN;
}

function accepts(overload: Overload, isMethod: boolean, types: readonly CelType[]): boolean {
  if ((overload.target !== undefined) !== isMethod) return false;
  return wantedTypes(overload, types.length)?.every((type, at) => allows(type, types[at] ?? DYN)) === true;
}

function checkPatternLiteral(pattern: Expression | undefined, check: Check): void {
  if (pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return;
  try {
    compileWithin(pattern.value, check.patterns);
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    report(check, 'expression.pattern', error.message, pattern, { hint: error.hint });
  }
}
