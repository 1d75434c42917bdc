import { printable } from '../text.js';
import type { BinaryOperator, Expression } from './ast.js';
import { expandCall } from './macros.js';
import { failSyntax, type Token } from './tokens.js';

interface Parser {
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
}

/** Deeper expressions are refused, so that every walker may recurse. */
const MAX_DEPTH = 100;
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ...['<', '<=', '>', '>=', '==', '!=', 'in'].map((operator) => [operator, 3] as const),
  ...['+', '-'].map((operator) => [operator, 4] as const),
  ...['*', '/', '%'].map((operator) => [operator, 5] as const),
]);

/** Parses the tokens of one CEL expression (cel-spec, langdef "Syntax"). Throws WorkflowError `expression.syntax`. */
export function parseExpression(tokens: readonly Token[]): Expression {
  const parser: Parser = { tokens, at: 0, depth: 0 };
  if (peek(parser).kind === 'end') failSyntax('the expression is empty', peek(parser));
  const expression = parseConditional(parser);
  if (peek(parser).kind !== 'end') unexpected(parser);
  return expression;
}

function parseConditional(parser: Parser): Expression {
  return nested(parser, () => {
    const test = parseBinary(parser, 1);
    if (!take(parser, '?')) return test;
    const yes = parseBinary(parser, 1);
    expect(parser, ':');
    const no = parseConditional(parser);
    return { kind: 'conditional', test, yes, no, start: test.start, end: no.end };
  });
}

/** Precedence climbing (Pratt 1973). Long chains nest to the left, so their length counts as depth. */
function parseBinary(parser: Parser, lowest: number): Expression {
  let left = parseUnary(parser);
  for (let length = 0; ; length++) {
    const operator = operatorAt(parser);
    const precedence = operator === undefined ? undefined : PRECEDENCE.get(operator);
    if (operator === undefined || precedence === undefined || precedence < lowest) return left;
    if (length > MAX_DEPTH) tooDeep(parser);
    parser.at++;
    const right = nested(parser, () => parseBinary(parser, precedence + 1));
    const range = { start: left.start, end: right.end };
    left =
      operator === '&&' || operator === '||'
        ? { kind: 'logical', operator, left, right, ...range }
        : { kind: 'binary', operator: operator as BinaryOperator, left, right, ...range };
  }
}

function operatorAt(parser: Parser): string | undefined {
  const token = peek(parser);
  if (token.kind === 'punctuation') return token.value;
  return token.kind === 'name' && token.value === 'in' ? 'in' : undefined;
}

function parseUnary(parser: Parser): Expression {
  return nested(parser, () => {
    const token = peek(parser);
    if (token.kind !== 'punctuation' || (token.value !== '!' && token.value !== '-')) {
      return parsePostfix(parser);
    }
    parser.at++;
    const next = peek(parser);
    if (token.value === '-' && next.kind === 'int' && next.value === INT_MAX + 1n) {
      parser.at++;
      return { kind: 'literal', value: -next.value, start: token.start, end: next.end };
    }
    const operand = parseUnary(parser);
    return { kind: 'unary', operator: token.value, operand, start: token.start, end: operand.end };
  });
}

function parsePostfix(parser: Parser): Expression {
  let object = parsePrimary(parser);
  for (let length = 0; ; length++) {
    if (length > MAX_DEPTH) tooDeep(parser);
    if (take(parser, '.')) {
      object = parseMember(parser, object);
    } else if (take(parser, '[')) {
      const index = parseConditional(parser);
      const { end } = expect(parser, ']');
      object = { kind: 'index', object, index, start: object.start, end };
    } else {
      return object;
    }
  }
}

function parseMember(parser: Parser, object: Expression): Expression {
  const token = peek(parser);
  if (token.kind !== 'name' && token.kind !== 'quoted') unexpected(parser, 'a name');
  parser.at++;
  const nameRange = { start: token.start, end: token.end };
  const { start } = object;
  if (token.kind === 'quoted' || !take(parser, '(')) {
    const path = token.kind === 'name' ? pathOf(object, token.value) : undefined;
    return {
      kind: 'member',
      object,
      name: token.value,
      nameRange,
      ...(path === undefined ? {} : { path }),
      start,
      end: token.end,
    };
  }
  const { items, end } = parseItems(parser, ')');
  return expandCall({ kind: 'call', name: token.value, nameRange, target: object, args: items, start, end });
}

function pathOf(object: Expression, name: string): string | undefined {
  if (object.kind === 'name') return `${object.name}.${name}`;
  return object.kind === 'member' && object.path !== undefined ? `${object.path}.${name}` : undefined;
}

function parsePrimary(parser: Parser): Expression {
  const token = peek(parser);
  const range = { start: token.start, end: token.end };
  switch (token.kind) {
    case 'int':
      parser.at++;
      if (token.value > INT_MAX) failSyntax('the integer is too large', token);
      return { kind: 'literal', value: token.value, ...range };
    case 'uint':
      parser.at++;
      if (token.value > UINT_MAX) failSyntax('the integer is too large', token);
      return { kind: 'literal', value: { kind: 'uint', value: token.value }, ...range };
    case 'bytes':
      parser.at++;
      return { kind: 'literal', value: { kind: 'bytes', value: token.value }, ...range };
    case 'double':
    case 'string':
      parser.at++;
      return { kind: 'literal', value: token.value, ...range };
    case 'name':
      return parseName(parser, token.value, token);
    default:
      return parseBracketed(parser, token);
  }
}

function parseBracketed(parser: Parser, token: Token): Expression {
  if (take(parser, '(')) {
    const inner = parseConditional(parser);
    const { end } = expect(parser, ')');
    return { ...inner, start: token.start, end };
  }
  if (take(parser, '[')) {
    const { items, end } = parseItems(parser, ']');
    return { kind: 'list', items, start: token.start, end };
  }
  if (take(parser, '{')) return parseMap(parser, token.start);
  if (!take(parser, '.')) return unexpected(parser, 'a value');
  const name = peek(parser);
  if (name.kind !== 'name' || name.value === 'in') return unexpected(parser, 'a name');
  parser.at++;
  if (isAt(parser, '(')) return parseCall(parser, name.value, name);
  return { kind: 'name', name: name.value, isRoot: true, start: token.start, end: name.end };
}

function parseName(parser: Parser, name: string, token: Token): Expression {
  const range = { start: token.start, end: token.end };
  if (name === 'in') unexpected(parser, 'a value');
  parser.at++;
  if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true', ...range };
  if (name === 'null') return { kind: 'literal', value: null, ...range };
  return isAt(parser, '(') ? parseCall(parser, name, token) : { kind: 'name', name, ...range };
}

function parseCall(parser: Parser, name: string, { start, end: nameEnd }: Token): Expression {
  expect(parser, '(');
  const { items, end } = parseItems(parser, ')');
  return expandCall({ kind: 'call', name, nameRange: { start, end: nameEnd }, args: items, start, end });
}

function parseItems(
  parser: Parser,
  close: string,
): { readonly items: readonly Expression[]; readonly end: number } {
  const items: Expression[] = [];
  while (!isAt(parser, close)) {
    items.push(parseConditional(parser));
    if (!take(parser, ',')) break;
  }
  return { items, end: expect(parser, close).end };
}

function parseMap(parser: Parser, start: number): Expression {
  const entries: { readonly key: Expression; readonly value: Expression }[] = [];
  while (!isAt(parser, '}')) {
    const key = parseConditional(parser);
    expect(parser, ':');
    entries.push({ key, value: parseConditional(parser) });
    if (!take(parser, ',')) break;
  }
  return { kind: 'map', entries, start, end: expect(parser, '}').end };
}

function nested<T>(parser: Parser, parse: () => T): T {
  if (++parser.depth > MAX_DEPTH * 3) tooDeep(parser);
  const result = parse();
  parser.depth--;
  return result;
}

function tooDeep(parser: Parser): never {
  return failSyntax('the expression is nested too deeply', peek(parser), 'split it over several steps');
}

function peek(parser: Parser): Token {
  const token = parser.tokens[parser.at];
  if (token === undefined) throw new TypeError('the tokens of an expression must finish with an end');
  return token;
}

function isAt(parser: Parser, mark: string): boolean {
  const token = peek(parser);
  return token.kind === 'punctuation' && token.value === mark;
}

function take(parser: Parser, mark: string): boolean {
  const found = isAt(parser, mark);
  if (found) parser.at++;
  return found;
}

function expect(parser: Parser, mark: string): Token {
  const token = peek(parser);
  if (!take(parser, mark)) unexpected(parser, mark);
  return token;
}

function unexpected(parser: Parser, wanted?: string): never {
  const token = peek(parser);
  const found = token.kind === 'end' ? 'the expression stops' : `${describe(token)} stands`;
  return failSyntax(
    wanted === undefined ? `${found} where nothing more is expected` : `${found} where ${wanted} is expected`,
    token,
    token.kind === 'punctuation' && token.value === '?'
      ? 'for what may be missing write has(a.b) ? a.b : …'
      : undefined,
  );
}

function describe(token: Token): string {
  if (token.kind === 'string') return 'text';
  if (token.kind === 'bytes') return 'bytes';
  return token.kind === 'end' ? 'the end' : `"${printable(String(token.value))}"`;
}
