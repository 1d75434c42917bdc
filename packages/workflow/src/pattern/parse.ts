import { WorkflowError } from '../errors.js';
import { parseClass, parseEscape, type CharacterSet } from './character-set.js';
import type { Cursor, Flags } from './cursor.js';

/** Syntax tree of a pattern. Groups do not capture: a pattern here only answers yes or no. */
export type PatternNode =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'assert'; readonly assert: Assertion }
  | { readonly kind: 'sequence'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly min: number; readonly max: number };

/** A condition on a place between characters. */
export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word' | 'not-word';

export const MAX_REPEAT = 1000;
const MAX_GROUP_DEPTH = 64;

/** Parses a regular expression of the RE2 family. Throws WorkflowError `pattern.invalid` with the range. */
export function parsePattern(text: string): PatternNode {
  const cursor: Cursor = { text, at: 0, depth: 0 };
  const node = parseChoice(cursor, { ignoreCase: false, multiline: false, dotAll: false });
  if (cursor.at < text.length) fail(cursor, 'a ) without its (');
  return node;
}

function parseChoice(cursor: Cursor, outer: Flags): PatternNode {
  const flags = { ...outer };
  const nodes = [parseSequence(cursor, flags)];
  while (cursor.text[cursor.at] === '|') {
    cursor.at++;
    nodes.push(parseSequence(cursor, flags));
  }
  return nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : { kind: 'choice', nodes };
}

function parseSequence(cursor: Cursor, flags: Flags): PatternNode {
  const nodes: PatternNode[] = [];
  while (cursor.at < cursor.text.length && cursor.text[cursor.at] !== '|' && cursor.text[cursor.at] !== ')') {
    if (cursor.text.startsWith('\\Q', cursor.at)) {
      nodes.push(...parseQuoted(cursor, flags));
      continue;
    }
    const atom = parseAtom(cursor, flags);
    if (atom !== undefined) nodes.push(parseRepeats(cursor, atom));
  }
  return { kind: 'sequence', nodes };
}

function parseAtom(cursor: Cursor, flags: Flags): PatternNode | undefined {
  const c = cursor.text[cursor.at] ?? '';
  switch (c) {
    case '(':
      return parseGroup(cursor, flags);
    case '[':
      return { kind: 'set', set: parseClass(cursor, flags) };
    case '.':
      cursor.at++;
      return { kind: 'set', set: flags.dotAll ? ANY : NOT_NEWLINE };
    case '^':
      cursor.at++;
      return { kind: 'assert', assert: flags.multiline ? 'line-start' : 'text-start' };
    case '$':
      cursor.at++;
      return { kind: 'assert', assert: flags.multiline ? 'line-end' : 'text-end' };
    case '*':
    case '+':
    case '?':
      return fail(cursor, `nothing for ${c} to repeat`);
    case '\\': {
      const assert = ASSERTIONS.get(cursor.text[cursor.at + 1] ?? '');
      if (assert === undefined) return { kind: 'set', set: parseEscape(cursor, flags) };
      cursor.at += 2;
      return { kind: 'assert', assert };
    }
    default: {
      const code = cursor.text.codePointAt(cursor.at) ?? 0;
      cursor.at += code > 0xffff ? 2 : 1;
      return literal(String.fromCodePoint(code), flags);
    }
  }
}

/** `\Q…\E`: what is between stands for itself, and a repeat after it is one of its last character. */
function parseQuoted(cursor: Cursor, flags: Flags): readonly PatternNode[] {
  const end = cursor.text.indexOf('\\E', cursor.at + 2);
  const quoted = cursor.text.slice(cursor.at + 2, end === -1 ? undefined : end);
  cursor.at = end === -1 ? cursor.text.length : end + 2;
  const nodes = Array.from(quoted, (character) => literal(character, flags));
  const last = nodes.pop();
  return last === undefined ? [] : [...nodes, parseRepeats(cursor, last)];
}

function literal(character: string, flags: Flags): PatternNode {
  const code = character.codePointAt(0) ?? 0;
  return {
    kind: 'set',
    set: { ranges: [[code, code]], properties: [], negated: false, ignoreCase: flags.ignoreCase },
  };
}

const ANY: CharacterSet = { ranges: [[0, 0x10ffff]], properties: [], negated: false, ignoreCase: false };
const NOT_NEWLINE: CharacterSet = { ranges: [[10, 10]], properties: [], negated: true, ignoreCase: false };
const ASSERTIONS: ReadonlyMap<string, Assertion> = new Map<string, Assertion>([
  ['A', 'text-start'],
  ['z', 'text-end'],
  ['b', 'word'],
  ['B', 'not-word'],
]);

function parseGroup(cursor: Cursor, flags: Flags): PatternNode | undefined {
  if (++cursor.depth > MAX_GROUP_DEPTH) fail(cursor, `groups nested more than ${MAX_GROUP_DEPTH} deep`);
  cursor.at++;
  let inner = flags;
  if (cursor.text[cursor.at] === '?') {
    const head = /^\?(?::|P?<([A-Za-z_][A-Za-z0-9_]*)>|([imsU]*)(?:-([imsU]+))?([:)]))/.exec(
      cursor.text.slice(cursor.at, cursor.at + 80),
    );
    if (head === null) return fail(cursor, 'lookaround and other (? groups are not supported');
    cursor.at += head[0].length;
    const [on, off] = [head[2], head[3] ?? ''];
    if (on !== undefined) {
      if (`${on}${off}` === '') fail(cursor, 'a (? group without a flag');
      const set = {
        ignoreCase: (on.includes('i') || flags.ignoreCase) && !off.includes('i'),
        multiline: (on.includes('m') || flags.multiline) && !off.includes('m'),
        dotAll: (on.includes('s') || flags.dotAll) && !off.includes('s'),
      };
      if (head[4] === ')') {
        Object.assign(flags, set);
        cursor.depth--;
        return undefined;
      }
      inner = set;
    }
  }
  const node = parseChoice(cursor, inner);
  if (cursor.text[cursor.at] !== ')') fail(cursor, 'a ( without its )');
  cursor.at++;
  cursor.depth--;
  return node;
}

function parseRepeats(cursor: Cursor, atom: PatternNode): PatternNode {
  const start = cursor.at;
  const [min, max] = parseCount(cursor);
  if (cursor.at === start) return atom;
  if (atom.kind === 'assert') fail(cursor, 'a condition like ^ or \\b cannot be repeated');
  if (max < min || min > MAX_REPEAT || (max !== Infinity && max > MAX_REPEAT)) {
    fail(cursor, `a repeat must count upwards, to at most ${MAX_REPEAT}`);
  }
  if (cursor.text[cursor.at] === '?') cursor.at++;
  const again = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(cursor.text.slice(cursor.at, cursor.at + 16));
  if (again) fail(cursor, 'two repeats in a row');
  return { kind: 'repeat', node: atom, min, max };
}

function parseCount(cursor: Cursor): readonly [number, number] {
  const c = cursor.text[cursor.at];
  if (c === '*' || c === '+' || c === '?') {
    cursor.at++;
    return [c === '+' ? 1 : 0, c === '?' ? 1 : Infinity];
  }
  // RE2 reads a { that is no count as itself.
  const count = /^\{(\d{1,6})(?:(,)(\d{1,6})?)?\}/.exec(cursor.text.slice(cursor.at, cursor.at + 20));
  if (count === null) return [1, 1];
  cursor.at += count[0].length;
  const min = Number(count[1]);
  return [min, count[2] === undefined ? min : count[3] === undefined ? Infinity : Number(count[3])];
}

function fail(cursor: Cursor, message: string): never {
  const start = Math.min(cursor.at, cursor.text.length);
  throw new WorkflowError('pattern.invalid', `the pattern has ${message}`, {
    hint: 'use RE2 syntax: no lookaround, no back-references',
    range: { start, end: Math.min(start + 1, cursor.text.length) },
  });
}
