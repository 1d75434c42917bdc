import { WorkflowError } from '../errors.js';
import type { Cursor, Flags } from './cursor.js';

/** A set of code points. */
export interface CharacterSet {
  readonly ranges: readonly (readonly [number, number])[];
  /** Tests for one character, of Unicode properties and negated classes. */
  readonly properties: readonly ((character: string, code: number) => boolean)[];
  readonly negated: boolean;
  readonly ignoreCase: boolean;
}

type Ranges = readonly (readonly [number, number])[];

const DIGIT: Ranges = [[48, 57]];
const WORD: Ranges = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE: Ranges = [
  [9, 10],
  [12, 13],
  [32, 32],
];
const CLASSES: ReadonlyMap<string, Ranges> = new Map([
  ['d', DIGIT],
  ['w', WORD],
  ['s', SPACE],
]);
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
]);
const POSIX: ReadonlyMap<string, Ranges> = new Map<string, Ranges>([
  [
    'alnum',
    [
      [48, 57],
      [65, 90],
      [97, 122],
    ],
  ],
  [
    'alpha',
    [
      [65, 90],
      [97, 122],
    ],
  ],
  ['ascii', [[0, 127]]],
  [
    'blank',
    [
      [9, 9],
      [32, 32],
    ],
  ],
  [
    'cntrl',
    [
      [0, 31],
      [127, 127],
    ],
  ],
  ['digit', DIGIT],
  ['graph', [[33, 126]]],
  ['print', [[32, 126]]],
  [
    'punct',
    [
      [33, 47],
      [58, 64],
      [91, 96],
      [123, 126],
    ],
  ],
  ['lower', [[97, 122]]],
  ['upper', [[65, 90]]],
  ['space', [...SPACE, [11, 11]]],
  ['word', WORD],
  [
    'xdigit',
    [
      [48, 57],
      [65, 70],
      [97, 102],
    ],
  ],
]);

/** Is the code point in the set? */
export function contains(set: CharacterSet, code: number): boolean {
  const character = String.fromCodePoint(code);
  let found = has(set, code, character);
  if (!found && set.ignoreCase) {
    for (const other of [character.toLowerCase(), character.toUpperCase()]) {
      const folded = other.codePointAt(0) ?? code;
      if (other.length === (folded > 0xffff ? 2 : 1)) found ||= has(set, folded, other);
    }
  }
  return found !== set.negated;
}

function has(set: CharacterSet, code: number, character: string): boolean {
  return (
    set.ranges.some(([low, high]) => low <= code && code <= high) ||
    set.properties.some((test) => test(character, code))
  );
}

/** Parses `\…` at the cursor, outside or inside a class. */
export function parseEscape(cursor: Cursor, flags: Flags): CharacterSet {
  const start = cursor.at;
  const letter = cursor.text[start + 1];
  if (letter === undefined) fail(cursor, start, 'a \\ at its end');
  const kind = CLASSES.get(letter.toLowerCase());
  if (kind !== undefined) {
    cursor.at += 2;
    return { ranges: kind, properties: [], negated: letter !== letter.toLowerCase(), ignoreCase: false };
  }
  if (letter === 'p' || letter === 'P') return parseProperty(cursor, letter === 'P', flags);
  const code = parseCode(cursor, letter, start);
  return { ranges: [[code, code]], properties: [], negated: false, ignoreCase: flags.ignoreCase };
}

function parseCode(cursor: Cursor, letter: string, start: number): number {
  const hex = /^\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/.exec(cursor.text.slice(start, start + 12));
  if (hex !== null) {
    cursor.at += hex[0].length;
    const code = Number.parseInt(hex[1] ?? hex[2] ?? '', 16);
    if (code > 0x10ffff) fail(cursor, start, 'a character that does not exist');
    return code;
  }
  const control = CONTROLS.get(letter);
  if (control === undefined && /[\p{L}\p{N}]/u.test(letter)) {
    fail(cursor, start, /\d/.test(letter) ? 'a back-reference' : `an unknown escape \\${letter}`);
  }
  const code = control ?? cursor.text.codePointAt(start + 1) ?? 0;
  cursor.at += code > 0xffff ? 3 : 2;
  return code;
}

function parseProperty(cursor: Cursor, negated: boolean, flags: Flags): CharacterSet {
  const start = cursor.at;
  const match = /^\\[pP](?:\{(\^?)([A-Za-z_]{1,40})\}|([A-Z]))/.exec(cursor.text.slice(start, start + 50));
  const name = match?.[2] ?? match?.[3];
  if (match === null || name === undefined) fail(cursor, start, 'an unfinished \\p');
  const test = compileProperty(name);
  if (test === undefined) fail(cursor, start, `an unknown Unicode property ${name}`);
  cursor.at += match[0].length;
  return {
    ranges: [],
    properties: [(character) => test.test(character)],
    negated: negated !== (match[1] === '^'),
    ignoreCase: flags.ignoreCase,
  };
}

/** One character at a time, the built-in engine cannot backtrack. */
function compileProperty(name: string): RegExp | undefined {
  for (const source of [`^\\p{${name}}$`, `^\\p{Script=${name}}$`]) {
    try {
      return new RegExp(source, 'u');
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

/** Parses `[…]` at the cursor. */
export function parseClass(cursor: Cursor, flags: Flags): CharacterSet {
  const start = cursor.at++;
  const negated = cursor.text[cursor.at] === '^';
  if (negated) cursor.at++;
  const ranges: (readonly [number, number])[] = [];
  const properties: CharacterSet['properties'][number][] = [];
  for (let first = true; first || cursor.text[cursor.at] !== ']'; first = false) {
    if (cursor.at >= cursor.text.length) fail(cursor, start, 'a [ without its ]');
    const item = parseClassItem(cursor, flags);
    const [low, high] = item.ranges.length === 1 ? (item.ranges[0] ?? [0, 0]) : [0, 1];
    const isRange =
      low === high &&
      item.properties.length === 0 &&
      cursor.text[cursor.at] === '-' &&
      cursor.text[cursor.at + 1] !== ']';
    if (!isRange) {
      if (item.negated || item.properties.length > 0) properties.push((_, code) => contains(item, code));
      else ranges.push(...item.ranges);
      continue;
    }
    const at = cursor.at++;
    const upper = parseClassItem(cursor, flags).ranges[0];
    if (upper === undefined || upper[0] !== upper[1] || upper[0] < low) fail(cursor, at, 'a bad range');
    ranges.push([low, upper[0]]);
  }
  cursor.at++;
  return { ranges, properties, negated, ignoreCase: flags.ignoreCase };
}

function parseClassItem(cursor: Cursor, flags: Flags): CharacterSet {
  if (cursor.text[cursor.at] === '\\') return parseEscape(cursor, flags);
  const posix = /^\[:(\^?)([a-z]{1,10}):\]/.exec(cursor.text.slice(cursor.at, cursor.at + 16));
  if (posix !== null) {
    const ranges = POSIX.get(posix[2] ?? '');
    if (ranges === undefined) fail(cursor, cursor.at, `an unknown class ${posix[0]}`);
    cursor.at += posix[0].length;
    return { ranges, properties: [], negated: posix[1] === '^', ignoreCase: false };
  }
  const code = cursor.text.codePointAt(cursor.at);
  if (code === undefined) fail(cursor, cursor.at, 'a [ without its ]');
  cursor.at += code > 0xffff ? 2 : 1;
  return { ranges: [[code, code]], properties: [], negated: false, ignoreCase: false };
}

function fail(cursor: Cursor, start: number, message: string): never {
  const end = Math.min(Math.max(cursor.at, start) + 1, cursor.text.length);
  throw new WorkflowError('pattern.invalid', `the pattern has ${message}`, {
    hint: 'use RE2 syntax: no lookaround, no back-references',
    range: { start, end },
  });
}
