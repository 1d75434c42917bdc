import { printable, quote, type JsonValue, type TomlDocument } from '@sheaf/workflow';
import { ClientError } from '../errors.js';

/** Reads one table of a policy file. Each method fails with the place of what is wrong. */
export interface TableReader {
  /** Refuses every key but these. */
  known(keys: readonly string[]): void;
  text(key: string): string | undefined;
  texts(key: string, max: number): readonly string[];
  count(key: string): number | undefined;
  flag(key: string): boolean | undefined;
  oneOf<T extends string>(key: string, values: readonly T[]): T | undefined;
  /** A table inside of this one. */
  table(key: string): TableReader | undefined;
  /** The keys that are there. */
  names(): readonly string[];
  /** An array of tables. */
  tables(key: string, max: number): readonly TableReader[];
  /** The line of the table's own header. */
  line(): number;
  fail(key: string, problem: string, hint: string): never;
}

type Path = readonly (string | number)[];

/** @param path where the table stands; what stands there and is no table is refused, what does not is empty */
export function createTableReader(document: TomlDocument, file: string, path: Path): TableReader {
  const found = valueAt(document.value, path);
  const failAt = (at: Path, problem: string, hint: string): never => {
    const { line, column } = document.placeOf(at);
    throw new ClientError('policy.invalid', `${printable(file, 1000)}:${line}:${column}: ${problem}`, {
      hint,
    });
  };
  if (found !== undefined && !isTable(found)) {
    const name = String(path.at(-1));
    return failAt(path, `${printable(name)} is no table`, 'write the name in brackets on a line of its own');
  }
  const table = found ?? {};
  const read = <T extends JsonValue>(key: string, is: (value: JsonValue) => value is T, what: string) => {
    const value = Object.hasOwn(table, key) ? table[key] : undefined;
    if (value === undefined || is(value)) return value;
    return failAt([...path, key], `${key} must be ${what}`, `see docs/TRUST.md for ${key}`);
  };
  return {
    known(keys) {
      const unknown = Object.keys(table).find((key) => !keys.includes(key));
      if (unknown !== undefined)
        failAt(
          [...path, unknown],
          `there is no setting called ${quote(unknown)}`,
          `known: ${keys.join(', ')}`,
        );
    },
    text: (key) => read(key, isText, 'text in quotes'),
    texts: (key, max) => {
      const values = read(key, isTextList, 'a list of texts') ?? [];
      if (values.length > max)
        failAt([...path, key], `${key} has more than ${max} entries`, 'split the rule');
      return values;
    },
    count: (key) => read(key, isCount, 'a whole number'),
    flag: (key) => read(key, isFlag, 'true or false'),
    oneOf: (key, values) => {
      const text = read(key, isText, 'text in quotes');
      const value = values.find((each) => each === text);
      if (text === undefined || value !== undefined) return value;
      return failAt([...path, key], `${quote(text)} is not a known ${key}`, `write ${values.join(', ')}`);
    },
    table: (key) =>
      Object.hasOwn(table, key) ? createTableReader(document, file, [...path, key]) : undefined,
    names: () => Object.keys(table),
    tables: (key, max) => {
      const values = read(key, isList, `written [[${[...path, key].join('.')}]]`) ?? [];
      if (values.length > max) failAt([...path, key], `there are more than ${max} of ${key}`, 'remove some');
      return values.map((_, index) => createTableReader(document, file, [...path, key, index]));
    },
    line: () => document.placeOf(path, 'key').line,
    fail: (key, problem, hint) => failAt([...path, key], problem, hint),
  };
}

function valueAt(root: TomlDocument['value'], path: Path): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const part of path) {
    if (typeof part === 'number') value = value !== undefined && isList(value) ? value[part] : undefined;
    else value = isTable(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }
  return value;
}

function isTable(value: JsonValue | undefined): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: JsonValue): value is string {
  return typeof value === 'string';
}

function isTextList(value: JsonValue): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isList(value: JsonValue): value is JsonValue[] {
  return Array.isArray(value);
}

function isCount(value: JsonValue): value is number {
  return Number.isSafeInteger(value);
}

function isFlag(value: JsonValue): value is boolean {
  return typeof value === 'boolean';
}
