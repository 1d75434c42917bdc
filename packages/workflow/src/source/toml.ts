import { parse, TomlDate, TomlError } from 'smol-toml';

import type { JsonValue } from '../model.js';
import { printable, tick } from '../text.js';
import { createLines } from './lines.js';
import { findNumberProblem } from './numbers.js';
import { findTomlDuplicate } from './toml-duplicate.js';
import { createTomlLocator } from './toml-locator.js';
import { MAX_DEPTH, type Finding, type ReadSource, type SourceProblem, type SourceRange } from './tree.js';

/** Reads TOML 1.0 as data. Dates and times are refused: the model and JSON have none. */
export function readToml(text: string): ReadSource {
  let table: unknown;
  try {
    table = parse(text, { integersAsBigInt: 'asNeeded', maxDepth: MAX_DEPTH });
  } catch (error) {
    return { problems: [describeFailure(text, error)], findings: [] };
  }
  const findings: Finding[] = [];
  const value = toJson(table, [], findings);
  return { tree: { value, locate: createTomlLocator(text) }, problems: [], findings };
}

function describeFailure(text: string, error: unknown): ReadSource['problems'][number] {
  if (!(error instanceof TomlError)) {
    return {
      code: 'syntax.too_deep',
      message: 'the document is nested too deeply',
      range: { start: 0, end: 0 },
    };
  }
  const detail = (error.message.split('\n', 1)[0] ?? '').replace(/^Invalid TOML document: /, '');
  const start = createLines(text).offsetAt(error.line, error.column);
  const range = { start, end: start };
  if (detail.includes('redefine')) return describeDuplicate(text, range);
  if (detail.includes('excessively nested')) {
    return { code: 'syntax.too_deep', message: `more than ${MAX_DEPTH} levels of nesting`, range };
  }
  if (isUnclosed(text, start)) {
    return {
      code: 'syntax.toml',
      message: 'the string is not closed on its line',
      hint: 'add the closing quote, or use """ for several lines',
      range,
    };
  }
  return { code: 'syntax.toml', message: printable(detail, 200), range };
}

function describeDuplicate(text: string, range: SourceRange): SourceProblem {
  const found = findTomlDuplicate(text, range.start);
  if (found === undefined) return { code: 'key.duplicate', message: 'this key is defined twice', range };
  const name = tick(found.name);
  return {
    code: 'key.duplicate',
    message: `${name} is defined twice`,
    label: 'defined again',
    range: found.again,
    ...(found.first === undefined
      ? {}
      : { related: [{ range: found.first, label: `${name} is defined here first` }] }),
  };
}

function toJson(value: unknown, path: (string | number)[], findings: Finding[]): JsonValue {
  if (path.length > MAX_DEPTH) {
    findings.push({
      code: 'syntax.too_deep',
      message: `more than ${MAX_DEPTH} levels of nesting`,
      path: [...path],
    });
    return null;
  }
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') {
    const problem = findNumberProblem(value, path);
    if (problem !== undefined) findings.push({ ...problem, path: [...path] });
    return Number(value);
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => below(item, path, index, findings));
  }
  if (value instanceof TomlDate) {
    findings.push({
      code: 'value.date',
      message: 'a date or time has no place here',
      hint: 'write it as text, in quotes',
      path: [...path],
    });
    return value.toString();
  }
  const table = Object.create(null) as Record<string, JsonValue>;
  for (const [key, item] of Object.entries(value as object)) {
    table[key] = below(item, path, key, findings);
  }
  return table;
}

/** One path that grows and shrinks, of which a finding keeps a copy: a path for each value of a large file would cost more than the rest. */
function below(
  item: unknown,
  path: (string | number)[],
  key: string | number,
  findings: Finding[],
): JsonValue {
  path.push(key);
  const value = toJson(item, path, findings);
  path.pop();
  return value;
}

/** The parser stops at the line break inside a string and calls it a control character. */
function isUnclosed(text: string, at: number): boolean {
  if (text[at] !== '\n' && text[at] !== '\r') return false;
  const line = text.slice(Math.max(0, text.lastIndexOf('\n', at - 1) + 1), at);
  const value = /=\s*(["'])/.exec(line.slice(0, 1000));
  return value !== null && !line.slice(value.index + value[0].length).includes(value[1] ?? '');
}
