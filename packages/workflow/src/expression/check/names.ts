import { suggest } from '../../suggest.js';
import { printable, quote, tick } from '../../text.js';
import type { Expression, Index, Member } from '../ast.js';
import { FUNCTIONS } from '../functions/table.js';
import { printExpression } from '../print.js';
import { DYN, TYPE, BOOL, kindOf, nameOf, type CelType, type RecordType } from '../types.js';
import { TYPE_VALUES } from '../value.js';
import { findAlias } from './aliases.js';
import { inferOperand, isOneOf, report, type Check } from './context.js';
import { isProven, withFacts } from './proven.js';

type Name = Extract<Expression, { kind: 'name' }>;

/** A name that is used whole. `steps` may not be: what a step needs must be seen in its text. */
export function inferName(node: Name, check: Check): CelType {
  const type = lookUp(node, check);
  if (type.kind === 'record' && type.what === 'parameter') check.references.readsAnyParameter = true;
  if (type.kind === 'record' && type.what === 'step') {
    report(check, 'expression.type', 'a step must be named, like steps.build', node);
    return DYN;
  }
  return type;
}

function lookUp(node: Name, check: Check): CelType {
  const found =
    (node.isRoot === true ? undefined : localType(node.name, check)) ??
    check.names.fields.get(node.name) ??
    (TYPE_VALUES.has(node.name) ? TYPE : undefined);
  if (found !== undefined) return found;
  const known = [...localNames(check), ...check.names.fields.keys()];
  const near = suggest(node.name, known);
  report(check, 'expression.unknown', `nothing is called ${tick(node.name)}`, node, {
    hint:
      near === undefined
        ? `known here: ${known.map((name) => printable(name)).join(', ')}`
        : `did you mean ${tick(near)}?`,
    label: 'not a name that expressions know',
  });
  return DYN;
}

function localType(name: string, check: Check): CelType | undefined {
  for (let { local } = check; local !== undefined; local = local.outer) {
    if (local.name === name) return local.type;
  }
  return undefined;
}

function localNames(check: Check): readonly string[] {
  const names: string[] = [];
  for (let { local } = check; local !== undefined; local = local.outer) names.push(local.name);
  return names;
}

export function inferMember(node: Member, check: Check): CelType {
  const dotted = dottedType(node, check);
  if (dotted !== undefined) return dotted;
  const object = inferObject(node.object, check);
  return readField(object, node.name, node.nameRange, check, node);
}

/** `a.b` as one name, unless `a` is a variable of a macro. */
function dottedType({ path }: Member, check: Check): CelType | undefined {
  if (path === undefined) return undefined;
  const type = check.names.fields.get(path) ?? (TYPE_VALUES.has(path) ? TYPE : undefined);
  if (type === undefined || localType(path.slice(0, path.indexOf('.')), check) !== undefined)
    return undefined;
  return type;
}

/** What stands before a dot: a name there is not used whole. */
function inferObject(node: Expression, check: Check): CelType {
  return node.kind === 'name' ? lookUp(node, check) : inferOperand(node, check);
}

export function inferIndex(node: Index, check: Check): CelType {
  const field =
    node.index.kind === 'literal' && typeof node.index.value === 'string' ? node.index.value : undefined;
  // Inferred once only: to do it twice at each level would take time exponential in the depth.
  const object = field === undefined ? inferOperand(node.object, check) : inferObject(node.object, check);
  if (field !== undefined && object.kind === 'record')
    return readField(object, field, node.index, check, node);
  const index = inferOperand(node.index, check);
  if (object.kind === 'list') {
    if (!isOneOf(index, ['int', 'uint', 'dyn'])) {
      const hint = index.kind === 'double' ? 'convert it with int()' : undefined;
      report(check, 'expression.type', `a list has no place ${nameOf(index)}`, node.index, { hint });
    }
    return object.item;
  }
  if (!isOneOf(object, ['dyn', 'map'])) {
    report(check, 'expression.type', `${nameOf(object)} has no places to index`, node.object);
    return DYN;
  }
  if (kindOf(object) === 'map') expectKey(index, node.index, check, ['double']);
  return object.kind === 'map' ? object.value : DYN;
}

/** Reports what can be no key of a map. */
export function expectKey(
  type: CelType,
  node: Expression,
  check: Check,
  also: readonly CelType['kind'][] = [],
): CelType {
  if (!isOneOf(type, ['string', 'int', 'uint', 'bool', 'dyn', ...also])) {
    report(check, 'expression.type', `${nameOf(type)} is never a key of a map`, node, {
      hint: 'keys are text, integers, true and false',
    });
  }
  return type;
}

/** `has(field)` reads what is before the last dot, and asks about the rest. */
export function inferHas({ field }: Extract<Expression, { kind: 'has' }>, check: Check): CelType {
  withFacts(check, [printExpression(field)], () => check.infer(field));
  return BOOL;
}

function readField(
  object: CelType,
  name: string,
  range: { readonly start: number; readonly end: number },
  check: Check,
  field: Member | Index,
): CelType {
  if (object.kind === 'map') return object.value;
  if (object.kind !== 'record') {
    if (object.kind !== 'dyn') {
      const hint = FUNCTIONS.has(name) ? `call it: ${name}()` : findAlias(name);
      report(check, 'expression.type', `${nameOf(object)} has no field ${quote(name)}`, range, { hint });
    }
    return DYN;
  }
  if (object.what === 'parameter') check.references.parameters.add(name);
  if (object.what === 'step' && !check.references.steps.has(name)) {
    check.references.steps.set(name, { start: range.start, end: range.end });
  }
  const type = object.fields.get(name) ?? object.others;
  if (type === undefined) {
    reportUnknownField(object, name, range, check);
    return DYN;
  }
  if (object.optional?.has(name) === true && !isProven(check, field.object, field)) {
    const written = printExpression(field);
    const text = written.length > MAX_SHOWN ? 'a.b' : printable(written);
    report(check, 'expression.optional', `${tick(name)} may not be there`, range, {
      severity: 'warning',
      label: 'not there when the step is skipped',
      hint: `ask first, as in has(${text}) ? ${text} : …`,
    });
  }
  return type;
}

const UNKNOWN = {
  parameter: { root: 'params', table: 'parameters', label: 'not a parameter of this workflow' },
  step: { root: 'steps', table: 'steps', label: 'not a step of this workflow' },
  field: { root: '', table: undefined, label: 'not a field that it has' },
} as const;

function reportUnknownField(
  object: RecordType,
  name: string,
  range: { readonly start: number; readonly end: number },
  check: Check,
): void {
  const { what } = object;
  const { root, table, label } = UNKNOWN[what];
  const fields = [...object.fields.keys()];
  const hyphened = fields.find((field) => field[name.length] === '-' && field.startsWith(name));
  const near = hyphened ?? suggest(name, fields);
  const hint =
    hyphened !== undefined && table !== undefined
      ? `a name with a hyphen is written ${root}["${printable(hyphened)}"]`
      : near !== undefined
        ? table === undefined
          ? `did you mean ${tick(near)}?`
          : `a ${what} with a similar name exists: ${tick(near)}`
        : fields.length === 0
          ? `no ${what} is declared`
          : `known here: ${fields.slice(0, MAX_LISTED).join(', ')}${fields.length > MAX_LISTED ? ', …' : ''}`;
  report(
    check,
    what === 'step' ? 'step.unknown' : 'reference.unknown',
    `no ${what} is called ${tick(name)}`,
    range,
    {
      hint,
      label,
      ...(table === undefined ? {} : { about: `${what} ${name}` }),
      ...(near === undefined || table === undefined ? {} : { near: [table, near] }),
    },
  );
}

/** Longest field that a hint repeats. */
const MAX_SHOWN = 60;
/** Names that are listed where none is near. */
const MAX_LISTED = 10;
