import type { Comprehension, Expression, Literal } from './ast.js';

/** How tightly what a node prints holds together; what stands in a tighter place is put in brackets. */
const BINDING: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  ...Object.fromEntries(['<', '<=', '>', '>=', '==', '!=', 'in'].map((operator) => [operator, 3])),
  ...{ '+': 4, '-': 4 },
  ...{ '*': 5, '/': 5, '%': 5 },
};
const UNARY = 6;
const POSTFIX = 7;

/** An expression as text that is parsed to the same expression, but for ranges. */
export function printExpression(node: Expression): string {
  return print(node, 0);
}

function print(node: Expression, place: number): string {
  const [binding, text] = printBare(node);
  return binding < place ? `(${text})` : text;
}

function printBare(node: Expression): readonly [number, string] {
  switch (node.kind) {
    case 'literal':
      // The least int is the one literal with a sign.
      return [typeof node.value === 'bigint' && node.value < 0n ? UNARY : POSTFIX, printLiteral(node.value)];
    case 'name':
      return [POSTFIX, node.isRoot === true ? `.${node.name}` : node.name];
    case 'member':
      return [POSTFIX, `${print(node.object, POSTFIX)}.${printField(node.name)}`];
    case 'index':
      return [POSTFIX, `${print(node.object, POSTFIX)}[${print(node.index, 0)}]`];
    case 'has':
      return [POSTFIX, `has(${print(node.field, 0)})`];
    case 'call': {
      const target = node.target === undefined ? '' : `${print(node.target, POSTFIX)}.`;
      return [POSTFIX, `${target}${node.name}(${printAll(node.args)})`];
    }
    case 'comprehension':
      return [POSTFIX, printComprehension(node)];
    case 'bind':
      return [POSTFIX, `cel.bind(${node.variable.name}, ${printAll([node.value, node.body])})`];
    case 'unary':
      return [UNARY, `${node.operator}${printOperand(node.operand)}`];
    case 'binary':
    case 'logical': {
      const binding = BINDING[node.operator] ?? 0;
      return [binding, `${print(node.left, binding)} ${node.operator} ${print(node.right, binding + 1)}`];
    }
    case 'conditional':
      return [0, `${print(node.test, 1)} ? ${print(node.yes, 1)} : ${print(node.no, 0)}`];
    case 'list':
      return [POSTFIX, `[${printAll(node.items)}]`];
    case 'map': {
      const entries = node.entries.map(({ key, value }) => `${print(key, 0)}: ${print(value, 0)}`);
      return [POSTFIX, `{${entries.join(', ')}}`];
    }
  }
}

function printAll(nodes: readonly Expression[]): string {
  return nodes.map((node) => print(node, 0)).join(', ');
}

/** A minus before the largest int but one would be read with it as the least int. */
function printOperand(node: Expression): string {
  const text = print(node, UNARY);
  return text.startsWith('-') ? ` ${text}` : text;
}

function printComprehension(node: Comprehension): string {
  const names = node.variables.map(({ name }) => name);
  const parts = node.filter === undefined ? [node.body] : [node.filter, node.body];
  return `${print(node.target, POSTFIX)}.${node.macro}(${names.join(', ')}, ${printAll(parts)})`;
}

function printField(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name}\``;
}

function printLiteral(value: Literal): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return printDouble(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (value.kind === 'uint') return `${value.value.toString()}u`;
  return `b"${Array.from(value.value, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
}

function printDouble(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text.replace('e+', 'e') : `${text}.0`;
}
