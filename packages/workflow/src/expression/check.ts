import { WorkflowError } from '../errors.js';
import { compileWithin } from '../pattern/pattern.js';
import type { Path, SourceRange } from '../source/tree.js';
import { suggest } from '../suggest.js';
import { printable, quote, tick } from '../text.js';
import type { BinaryOperator, Expression } from './ast.js';
import { FUNCTIONS, type ArgumentType, type Overload } from './functions.js';
import { BOOL, DOUBLE, DYN, INT, STRING, kindOf, type CelType, type RecordType } from './types.js';

/** Something that is wrong with an expression whatever its values are. The range is one in the template. */
export interface ExpressionProblem {
  readonly code:
    'reference.unknown' | 'step.unknown' | 'expression.unknown' | 'expression.type' | 'expression.pattern';
  readonly message: string;
  readonly hint?: string;
  /** What the marked text is, in a few words. */
  readonly label?: string;
  readonly range: SourceRange;
  /** The mistyped name, where several uses of it are one mistake. */
  readonly about?: string;
  /** What was most likely meant: the path of its declaration. */
  readonly near?: Path;
}

/** What an expression reads. */
export interface References {
  readonly parameters: Set<string>;
  /** By step id, the place of the first that reads it, in the template. */
  readonly steps: Map<string, SourceRange>;
  /** Does it read parameters by names that are not in its text? */
  readsAnyParameter: boolean;
}

interface Check {
  readonly names: RecordType;
  readonly references: References;
  readonly patterns: { remaining: number };
  readonly problems: ExpressionProblem[];
}

/** Finds the type of an expression, what it refers to and what is wrong with it. `patterns` bounds what literal ones may take. Never throws. */
export function checkExpression(
  expression: Expression,
  names: RecordType,
  references: References,
  patterns: { remaining: number },
): { readonly type: CelType; readonly problems: readonly ExpressionProblem[] } {
  const check: Check = { names, references, patterns, problems: [] };
  const type = infer(expression, check);
  // `params.a-b` reads as a subtraction: the other problems in it only follow from the first.
  const unknown = check.problems.filter(
    ({ code }) => code === 'reference.unknown' || code === 'step.unknown',
  );
  return { type, problems: unknown.length > 0 ? unknown : check.problems };
}

function infer(node: Expression, check: Check): CelType {
  switch (node.kind) {
    case 'literal':
      return literalType(node.value);
    case 'name':
      return inferName(node, check);
    case 'member':
      return readField(inferObject(node.object, check), node.name, node.nameRange, check);
    case 'index':
      return inferIndex(node, check);
    case 'call':
      return inferCall(node, check);
    case 'unary':
      return inferUnary(node, check);
    case 'binary':
      return inferBinary(node, check);
    case 'logical':
      expectBool(node.left, node.operator, check);
      expectBool(node.right, node.operator, check);
      return BOOL;
    case 'conditional': {
      expectBool(node.test, '?', check);
      const [yes, no] = [infer(node.yes, check), infer(node.no, check)];
      return yes.kind === no.kind ? yes : DYN;
    }
    case 'list': {
      const items = node.items.map((item) => infer(item, check));
      const [first] = items;
      return {
        kind: 'list',
        item: first !== undefined && items.every((t) => t.kind === first.kind) ? first : DYN,
      };
    }
    case 'map':
      for (const { key, value } of node.entries) {
        infer(key, check);
        infer(value, check);
      }
      return { kind: 'map', value: DYN };
  }
}

function literalType(value: null | boolean | bigint | number | string): CelType {
  switch (typeof value) {
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT;
    case 'number':
      return DOUBLE;
    case 'string':
      return STRING;
    default:
      return { kind: 'null' };
  }
}

/** A name that is used whole. `steps` may not be: what a step needs must be seen in its text. */
function inferName(node: Extract<Expression, { kind: 'name' }>, check: Check): CelType {
  const type = lookUp(node, check);
  if (type.kind === 'record' && type.what === 'parameter') check.references.readsAnyParameter = true;
  if (type.kind === 'record' && type.what === 'step') {
    report(check, 'expression.type', 'a step must be named, like steps.build', node);
  }
  return type;
}

function inferObject(node: Expression, check: Check): CelType {
  return node.kind === 'name' ? lookUp(node, check) : infer(node, check);
}

function lookUp(node: Extract<Expression, { kind: 'name' }>, check: Check): CelType {
  const found = check.names.fields.get(node.name);
  if (found !== undefined) return found;
  const near = suggest(node.name, check.names.fields.keys());
  const known = [...check.names.fields.keys()].join(', ');
  report(check, 'expression.unknown', `nothing is called ${tick(node.name)}`, node, {
    hint: near === undefined ? `known here: ${known}` : `did you mean ${tick(near)}?`,
    label: 'not a name that expressions know',
  });
  return DYN;
}

function inferIndex(node: Extract<Expression, { kind: 'index' }>, check: Check): CelType {
  const field =
    node.index.kind === 'literal' && typeof node.index.value === 'string' ? node.index.value : undefined;
  // Inferred once only: to do it twice at each level would take time exponential in the depth.
  const object = field === undefined ? infer(node.object, check) : inferObject(node.object, check);
  if (field !== undefined && object.kind === 'record') return readField(object, field, node.index, check);
  const index = infer(node.index, check);
  if (object.kind === 'list') {
    if (!isOneOf(index, ['int', 'double', 'dyn'])) {
      report(check, 'expression.type', `a list has no place ${nameOf(index)}`, node.index);
    }
    return object.item;
  }
  if (object.kind === 'map') return object.value;
  if (!isOneOf(object, ['dyn', 'map'])) {
    report(check, 'expression.type', `${nameOf(object)} has no places to index`, node.object);
  }
  return DYN;
}

function readField(object: CelType, name: string, range: SourceRange, check: Check): CelType {
  if (object.kind === 'map') return object.value;
  if (object.kind !== 'record') {
    if (object.kind !== 'dyn') {
      const hint = FUNCTIONS.has(name) ? `call it: ${name}()` : undefined;
      report(check, 'expression.type', `${nameOf(object)} has no field ${quote(name)}`, range, { hint });
    }
    return DYN;
  }
  if (object.what === 'parameter') check.references.parameters.add(name);
  if (object.what === 'step' && !check.references.steps.has(name)) {
    check.references.steps.set(name, { start: range.start, end: range.end });
  }
  const type = object.fields.get(name) ?? object.others;
  if (type !== undefined) return type;
  reportUnknownField(object, name, range, check);
  return DYN;
}

const UNKNOWN = {
  parameter: { root: 'params', table: 'parameters', label: 'not a parameter of this workflow' },
  step: { root: 'steps', table: 'steps', label: 'not a step of this workflow' },
  field: { root: '', table: undefined, label: 'not a field that it has' },
} as const;

function reportUnknownField(object: RecordType, name: string, range: SourceRange, check: Check): void {
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

/** Names that are listed where none is near. */
const MAX_LISTED = 10;

function inferCall(node: Extract<Expression, { kind: 'call' }>, check: Check): CelType {
  if (node.name === 'has' && node.target === undefined) return inferHas(node, check);
  const parts = node.target === undefined ? node.args : [node.target, ...node.args];
  const types = parts.map((part) => infer(part, check));
  const overloads = FUNCTIONS.get(node.name);
  if (overloads === undefined) {
    const near = suggest(node.name, FUNCTIONS.keys());
    report(check, 'expression.unknown', `no function is called ${tick(node.name)}`, node.nameRange, {
      hint: near === undefined ? undefined : `did you mean ${tick(near)}?`,
      label: 'not a function that expressions know',
    });
    return DYN;
  }
  const fitting = overloads.filter((overload) => accepts(overload, node.target !== undefined, types));
  const [first] = fitting;
  if (first === undefined) {
    const given = types.map(nameOf).join(', ');
    report(check, 'expression.type', `${node.name} does not take (${given})`, node.nameRange, {
      hint: `it takes ${overloads.map((overload) => signature(node.name, overload)).join(' or ')}`,
    });
    return DYN;
  }
  if (node.name === 'matches') checkPatternLiteral(node.args.at(-1), check);
  return fitting.every((overload) => overload.result === first.result) ? resultType(first) : DYN;
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

function inferHas(node: Extract<Expression, { kind: 'call' }>, check: Check): CelType {
  const [field] = node.args;
  if (field === undefined || node.args.length !== 1 || (field.kind !== 'member' && field.kind !== 'index')) {
    report(check, 'expression.type', 'has() needs a field, like has(steps.build.outputs.image)', node);
  } else {
    infer(field, check);
  }
  return BOOL;
}

function accepts(overload: Overload, isMethod: boolean, types: readonly CelType[]): boolean {
  if ((overload.target !== undefined) !== isMethod) return false;
  const wanted = overload.target === undefined ? overload.args : [overload.target, ...overload.args];
  return wanted.length === types.length && wanted.every((type, i) => allows(type, types[i] ?? DYN));
}

function allows(wanted: ArgumentType, type: CelType): boolean {
  return wanted === 'any' || type.kind === 'dyn' || kindOf(type) === wanted;
}

function resultType(overload: Overload): CelType {
  return overload.result === 'list<string>' ? { kind: 'list', item: STRING } : { kind: overload.result };
}

function signature(name: string, { target, args }: Overload): string {
  return `${target === undefined ? '' : `${target}.`}${name}(${args.join(', ')})`;
}

function inferUnary(node: Extract<Expression, { kind: 'unary' }>, check: Check): CelType {
  const type = infer(node.operand, check);
  const allowed: readonly CelType['kind'][] =
    node.operator === '!' ? ['bool', 'dyn'] : ['int', 'double', 'dyn'];
  if (!isOneOf(type, allowed)) {
    report(check, 'expression.type', `no ${node.operator} of ${nameOf(type)}`, node.operand);
  }
  return node.operator === '!' ? BOOL : type;
}

function inferBinary(node: Extract<Expression, { kind: 'binary' }>, check: Check): CelType {
  const left = infer(node.left, check);
  const right = infer(node.right, check);
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
    case '>=': {
      const ordered = (kind: string) => ['int', 'double', 'string', 'bool', 'dyn'].includes(kind);
      return ordered(a) && ordered(b) && (isFree || a === b || areNumbers) ? BOOL : undefined;
    }
    case 'in':
      return b === 'list' || b === 'map' || b === 'dyn' ? BOOL : undefined;
    case '%':
      return [a, b].every((kind) => kind === 'int' || kind === 'dyn') ? INT : undefined;
    case '+':
    case '-':
    case '*':
    case '/': {
      const kinds = operator === '+' ? ['int', 'double', 'string', 'list'] : ['int', 'double'];
      const fits = (kind: string) => kind === 'dyn' || kinds.includes(kind);
      if (!fits(a) || !fits(b) || (!isFree && a !== b)) return undefined;
      return a === 'dyn' ? right : left;
    }
  }
}

function conversionHint(left: CelType, right: CelType): string | undefined {
  const kinds = [left.kind, right.kind];
  if (kinds.includes('int') && kinds.includes('double')) return 'write 2.0 for 2, or use int() or double()';
  if (kinds.includes('string') && (kinds.includes('int') || kinds.includes('double'))) {
    return 'convert with string(), int() or double()';
  }
  return kinds.includes('string') && kinds.includes('bool')
    ? 'write true and false without quotes'
    : undefined;
}

function expectBool(node: Expression, operator: string, check: Check): void {
  const type = infer(node, check);
  if (isOneOf(type, ['bool', 'dyn'])) return;
  report(check, 'expression.type', `${operator} needs true or false, not ${nameOf(type)}`, node);
}

function isNumber(kind: string): boolean {
  return kind === 'int' || kind === 'double';
}

function isOneOf(type: CelType, kinds: readonly CelType['kind'][]): boolean {
  return kinds.includes(kindOf(type));
}

const NAMES: Readonly<Record<ReturnType<typeof kindOf>, string>> = {
  dyn: 'anything',
  null: 'null',
  bool: 'a boolean',
  int: 'an integer',
  double: 'a number',
  string: 'text',
  list: 'a list',
  map: 'a map',
};

/** How messages call a type. */
export function nameOf(type: CelType): string {
  return NAMES[kindOf(type)];
}

function report(
  check: Check,
  code: ExpressionProblem['code'],
  message: string,
  range: SourceRange,
  extra: {
    readonly hint?: string | undefined;
    readonly label?: string | undefined;
    readonly near?: Path;
    readonly about?: string;
  } = {},
): void {
  check.problems.push({
    code,
    message,
    range: { start: range.start, end: range.end },
    ...(extra.hint === undefined ? {} : { hint: extra.hint }),
    ...(extra.label === undefined ? {} : { label: extra.label }),
    ...(extra.near === undefined ? {} : { near: extra.near }),
    ...(extra.about === undefined ? {} : { about: extra.about }),
  });
}
