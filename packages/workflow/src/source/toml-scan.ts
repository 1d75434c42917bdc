import { parse } from 'smol-toml';

import { MAX_DEPTH, type SourceRange } from './tree.js';

/** One part of a key, as it is written and as it is meant. */
export interface KeyPart {
  readonly name: string;
  readonly range: SourceRange;
}

/** A key with its dots. `end` is behind its last part; of a key of more than {@link MAX_DEPTH} parts only the first are listed. */
export interface ScannedKey {
  readonly parts: readonly KeyPart[];
  readonly isWhole: boolean;
  readonly end: number;
}

/** What stands at an offset: a header, `key = value`, or something else. */
export type Line =
  | { readonly kind: 'header'; readonly isArray: boolean; readonly key: ScannedKey; readonly end: number }
  | { readonly kind: 'pair'; readonly key: ScannedKey; readonly value: SourceRange };

/**
 * These walk over the parts of a TOML text that has been read without a fault, in linear time and without keeping anything. Of a text
 * that is none, or that ends in the middle, they make something of it and come to its end.
 */

/** Reads a header or a pair; undefined where there is neither. */
export function scanLine(text: string, at: number): Line | undefined {
  if (text[at] !== '[') return scanPair(text, at);
  const isArray = text[at + 1] === '[';
  const key = scanKey(text, at + (isArray ? 2 : 1));
  const close = skipSpace(text, key.end);
  if (text[close] !== ']' || key.parts.length === 0) return undefined;
  return { kind: 'header', isArray, key, end: close + (isArray ? 2 : 1) };
}

export function scanPair(text: string, at: number): Extract<Line, { readonly kind: 'pair' }> | undefined {
  const key = scanKey(text, at);
  const equals = skipSpace(text, key.end);
  if (text[equals] !== '=' || key.parts.length === 0) return undefined;
  const start = skipSpace(text, equals + 1);
  return { kind: 'pair', key, value: { start, end: skipValue(text, start) } };
}

/** What follows on white space, line ends and comments. */
export function skipBlank(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === SPACE || code === TAB || code === LF || code === CR) at += 1;
    else if (code === HASH) at = indexOrEnd(text, '\n', at);
    else return at;
  }
}

/** Calls `visit` with the place of each item of a list, as long as that wants more. `start` is its bracket. */
export function scanItems(text: string, start: number, visit: (item: SourceRange) => boolean): void {
  walk(text, start, ']', (at) => {
    const end = skipValue(text, at);
    return end > at && visit({ start: at, end }) ? end : undefined;
  });
}

/** The same with the pairs of an inline table. */
export function scanPairs(
  text: string,
  start: number,
  visit: (pair: NonNullable<ReturnType<typeof scanPair>>) => boolean,
): void {
  walk(text, start, '}', (at) => {
    const pair = scanPair(text, at);
    return pair !== undefined && visit(pair) ? pair.value.end : undefined;
  });
}

/** Walks over what stands between brackets, with commas between. `visit` gives where a part ends, or that it wants no more. */
function walk(
  text: string,
  start: number,
  close: string,
  visit: (at: number) => number | undefined,
): number | undefined {
  let at = skipBlank(text, start + 1);
  while (at < text.length && text[at] !== close) {
    const end = visit(at);
    if (end === undefined) return undefined;
    at = skipBlank(text, end);
    if (text[at] === ',') at = skipBlank(text, at + 1);
    else if (text[at] !== close) return undefined;
  }
  return Math.min(at + 1, text.length);
}

/** Behind the value that begins at an offset. Brackets are counted, and not descended into: a text that is none may hold any number. */
function skipValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  do {
    const code = text.charCodeAt(at);
    if (code === QUOTE || code === APOSTROPHE) at = skipString(text, at);
    else if (code === OPEN_LIST || code === OPEN_TABLE) {
      depth += 1;
      at += 1;
    } else if (code === CLOSE_LIST || code === CLOSE_TABLE) {
      depth -= 1;
      at += 1;
    } else if (depth > 0 && (code === COMMA || code === EQUALS)) at += 1;
    else {
      const end = skipPlain(text, at);
      at = end === at && depth > 0 ? at + 1 : end;
    }
    if (depth > 0) at = skipBlank(text, at);
  } while (depth > 0 && at < text.length);
  return at;
}

/** A number, a boolean, a date with or without its time, or a bare key. */
function skipPlain(text: string, at: number): number {
  PLAIN.lastIndex = at;
  return PLAIN.test(text) ? PLAIN.lastIndex : at;
}

const PLAIN = /(?:\d{4}-\d{2}-\d{2} (?=\d))?[^\s,=#[\]{}"']+/y;

function skipString(text: string, at: number): number {
  const quote = text[at] ?? '"';
  const isMultiline = text.startsWith(quote.repeat(3), at);
  const mark = isMultiline ? quote.repeat(3) : quote;
  let from = at + mark.length;
  for (;;) {
    const found = text.indexOf(mark, from);
    if (found === -1) return text.length;
    if (quote === '"' && isEscaped(text, found, at)) {
      from = found + 1;
      continue;
    }
    let end = found + mark.length;
    // Up to two quotes may stand before the closing ones.
    for (let more = 0; isMultiline && more < 2 && text[end] === quote; more += 1) end += 1;
    return end;
  }
}

function isEscaped(text: string, at: number, start: number): boolean {
  let before = at;
  while (before > start && text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 1;
}

/** Reads a key of any number of parts; where there is none, an empty one. */
export function scanKey(text: string, from: number): ScannedKey {
  const parts: KeyPart[] = [];
  let isWhole = true;
  let end = from;
  for (let at = skipSpace(text, from); ; at = skipSpace(text, at + 1)) {
    const code = text.charCodeAt(at);
    const partEnd = code === QUOTE || code === APOSTROPHE ? skipString(text, at) : skipBare(text, at);
    if (partEnd === at) break;
    end = partEnd;
    if (parts.length > MAX_DEPTH) isWhole = false;
    else parts.push({ name: nameOf(text.slice(at, end)), range: { start: at, end } });
    at = skipSpace(text, end);
    if (text[at] !== '.') break;
  }
  return { parts, isWhole, end };
}

const BARE = /[\w-]+/y;

function skipBare(text: string, at: number): number {
  BARE.lastIndex = at;
  return BARE.test(text) ? BARE.lastIndex : at;
}

function nameOf(token: string): string {
  if (!token.startsWith('"')) return token.startsWith("'") ? token.slice(1, -1) : token;
  if (!token.includes('\\')) return token.slice(1, -1);
  try {
    const { key } = parse(`key = ${token}`);
    return typeof key === 'string' ? key : token;
  } catch {
    return token;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === SPACE || code === TAB;) code = text.charCodeAt(++at);
  return at;
}

function indexOrEnd(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found;
}

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const APOSTROPHE = 39;
const COMMA = 44;
const EQUALS = 61;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_TABLE = 123;
const CLOSE_TABLE = 125;
