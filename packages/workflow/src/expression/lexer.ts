import { WorkflowError } from '../errors.js';
import { printable } from '../text.js';
import { readString } from './strings.js';
import { failSyntax, type Token } from './tokens.js';

/** Longest expression, in UTF-16 units. */
export const MAX_EXPRESSION_LENGTH = 4096;
const MAX_NUMBER_LENGTH = 400;
const DOT = 0x2e;

const PAIRS = new Set(['&&', '||', '==', '!=', '<=', '>=']);
const MARKS = new Set('<>+-*/%!?:,.()[]{}');

const RESERVED = new Set([
  ...['as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let'],
  ...['loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
]);

/**
 * Splits a CEL expression into tokens, from `start` up to the `}}` that closes it. `end` is the offset after that `}}`.
 * The `}}` inside strings and map literals closes nothing. Throws WorkflowError `expression.syntax`, `expression.too_long`.
 */
export function lexExpression(
  text: string,
  start: number,
): { readonly tokens: readonly Token[]; readonly end: number } {
  const tokens: Token[] = [];
  let braces = 0;
  let at = start;
  for (;;) {
    at = skipSpace(text, at);
    if (at - start > MAX_EXPRESSION_LENGTH) {
      const message = `the expression has more than ${MAX_EXPRESSION_LENGTH} characters`;
      throw new WorkflowError('expression.too_long', message, { range: { start: start - 3, end: start } });
    }
    if (at >= text.length) {
      failSyntax('${{ is never closed', { start: start - 3, end: start }, 'close it with }}');
    }
    if (braces === 0 && text.startsWith('}}', at)) {
      tokens.push({ kind: 'end', start: at, end: at });
      return { tokens, end: at + 2 };
    }
    const token = readToken(text, at, start + MAX_EXPRESSION_LENGTH + 1);
    // After a dot a reserved word is a name like any other, so that a step may be called `package`.
    const before = tokens.at(-1);
    const isField = before?.kind === 'punctuation' && before.value === '.';
    if (token.kind === 'name' && !isField && RESERVED.has(token.value)) {
      const hint = token.value === 'if' ? 'write it as test ? yes : no' : undefined;
      failSyntax(`"${token.value}" is a reserved word`, token, hint);
    }
    if (token.kind === 'punctuation') braces += token.value === '{' ? 1 : token.value === '}' ? -1 : 0;
    if (braces < 0) failSyntax('a } without its {', token);
    tokens.push(token);
    at = token.end;
  }
}

const SPACE = /(?:\s|\/\/[^\n]*)*/y;

/** White space and comments, which go from `//` to the end of their line. */
function skipSpace(text: string, from: number): number {
  const code = text.charCodeAt(from);
  // Most often there is one space or none.
  if (code > 0x2f && code < 0x7f) return from;
  SPACE.lastIndex = from;
  SPACE.exec(text);
  return SPACE.lastIndex;
}

function readToken(text: string, at: number, until: number): Token {
  return (
    readString(text, at, until) ??
    readNumber(text, at) ??
    readName(text, at) ??
    readQuoted(text, at) ??
    readPunctuation(text, at)
  );
}

const NUMBER = /0[xX][0-9a-fA-F]+|(?:\d+(\.\d+)?([eE][+-]?\d+)?|(\.\d+)([eE][+-]?\d+)?)/y;

function readNumber(text: string, at: number): Token | undefined {
  const first = text.charCodeAt(at);
  if (first !== DOT && (first < 0x30 || first > 0x39)) return undefined;
  NUMBER.lastIndex = at;
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const range = { start: at, end: at + match[0].length };
  if (match[0].length > MAX_NUMBER_LENGTH) failSyntax('the number is too long', range);
  const isDouble = match[1] !== undefined || match[2] !== undefined || match[3] !== undefined;
  const isUint = !isDouble && /^[uU](?!\w)/.test(text.slice(range.end, range.end + 2));
  if (isUint) range.end++;
  if (/\w/.test(text[range.end] ?? '')) failSyntax('a number must not run into a name', range);
  if (!isDouble) return { kind: isUint ? 'uint' : 'int', value: BigInt(match[0]), ...range };
  const value = Number(match[0]);
  if (!Number.isFinite(value)) failSyntax('the number is too large', range);
  return { kind: 'double', value, ...range };
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

function readName(text: string, at: number): Token | undefined {
  NAME.lastIndex = at;
  const match = NAME.exec(text);
  return match === null ? undefined : { kind: 'name', value: match[0], start: at, end: NAME.lastIndex };
}

/** A field whose name is no name of CEL, like `content-type`. */
function readQuoted(text: string, at: number): Token | undefined {
  if (text[at] !== '`') return undefined;
  const match = /^`([A-Za-z0-9_./ -]+)`/.exec(text.slice(at, at + MAX_EXPRESSION_LENGTH));
  if (match === null) return undefined;
  return { kind: 'quoted', value: match[1] ?? '', start: at, end: at + match[0].length };
}

function readPunctuation(text: string, at: number): Token {
  const pair = text.slice(at, at + 2);
  if (PAIRS.has(pair)) return { kind: 'punctuation', value: pair, start: at, end: at + 2 };
  const mark = text.charAt(at);
  if (MARKS.has(mark)) return { kind: 'punctuation', value: mark, start: at, end: at + 1 };
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const hints: Readonly<Record<string, string>> = {
    '=': 'compare with ==',
    '&': 'and is written &&',
    '|': 'or is written ||',
    $: 'values are named without $, like params.name',
    '`': 'put text in single or double quotes; backticks are for names after a dot',
  };
  const hint = text.startsWith('=>', at)
    ? 'name the variable first, as in .map(x, x + 1)'
    : Object.hasOwn(hints, character)
      ? hints[character]
      : undefined;
  return failSyntax(
    `"${printable(character)}" has no meaning here`,
    { start: at, end: at + character.length },
    hint,
  );
}
