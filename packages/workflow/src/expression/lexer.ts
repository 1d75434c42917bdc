import { WorkflowError } from '../errors.js';
import { printable } from '../text.js';
import { readString } from './strings.js';
import { failSyntax, type Token } from './tokens.js';

/** Longest expression, in UTF-16 units. */
export const MAX_EXPRESSION_LENGTH = 4096;

const PUNCTUATION = [
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  '+',
  '-',
  '*',
  '/',
  '%',
  '!',
  '?',
  ':',
  ',',
  '.',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
];

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
    at += /^\s*/.exec(text.slice(at, at + MAX_EXPRESSION_LENGTH + 1))?.[0].length ?? 0;
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
    const token = readToken(text, at);
    if (token.kind === 'punctuation') braces += token.value === '{' ? 1 : token.value === '}' ? -1 : 0;
    if (braces < 0) failSyntax('a } without its {', token);
    tokens.push(token);
    at = token.end;
  }
}

function readToken(text: string, at: number): Token {
  return readString(text, at) ?? readNumber(text, at) ?? readName(text, at) ?? readPunctuation(text, at);
}

function readNumber(text: string, at: number): Token | undefined {
  const near = text.slice(at, at + 400);
  const hex = /^0[xX]([0-9a-fA-F]+)(?![\w.])/.exec(near);
  if (hex !== null) {
    return { kind: 'int', value: BigInt(`0x${hex[1] ?? '0'}`), start: at, end: at + hex[0].length };
  }
  const match = /^(?:\d+(\.\d+)?([eE][+-]?\d+)?|(\.\d+)([eE][+-]?\d+)?)/.exec(near);
  if (match === null) return undefined;
  const range = { start: at, end: at + match[0].length };
  const after = text[range.end] ?? '';
  if (after === 'u' || after === 'U')
    failSyntax('unsigned numbers are not supported', range, 'leave out the u');
  if (/[\w]/.test(after)) failSyntax('a number must not run into a name', range);
  const isDouble = match[1] !== undefined || match[2] !== undefined || match[3] !== undefined;
  if (!isDouble) return { kind: 'int', value: BigInt(match[0]), ...range };
  const value = Number(match[0]);
  if (!Number.isFinite(value)) failSyntax('the number is too large', range);
  return { kind: 'double', value, ...range };
}

function readName(text: string, at: number): Token | undefined {
  const match = /^[A-Za-z_][A-Za-z0-9_]*/.exec(text.slice(at, at + MAX_EXPRESSION_LENGTH));
  if (match === null) return undefined;
  const range = { start: at, end: at + match[0].length };
  if (RESERVED.has(match[0])) failSyntax(`"${match[0]}" is a reserved word`, range);
  return { kind: 'name', value: match[0], ...range };
}

function readPunctuation(text: string, at: number): Token {
  const found = PUNCTUATION.find((mark) => text.startsWith(mark, at));
  if (found !== undefined) return { kind: 'punctuation', value: found, start: at, end: at + found.length };
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const hints: Readonly<Record<string, string>> = {
    '=': 'compare with ==',
    '&': 'and is written &&',
    '|': 'or is written ||',
    $: 'values are named without $, like params.name',
    '`': 'put text in single or double quotes',
  };
  const hint = Object.hasOwn(hints, character) ? hints[character] : undefined;
  return failSyntax(
    `"${printable(character)}" has no meaning here`,
    { start: at, end: at + character.length },
    hint,
  );
}
