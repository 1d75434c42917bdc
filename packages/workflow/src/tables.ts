import type { JsonValue } from './model.js';
import { isTable } from './schema/check.js';

/** A table of a file's data. */
export type Table = Readonly<Record<string, JsonValue>>;

const EMPTY = Object.create(null) as Table;

/** Maps a table's values into a new one without prototype, in the same order. */
export function mapTable<T, U>(
  source: Readonly<Record<string, T>>,
  convert: (value: T, key: string) => U,
): Readonly<Record<string, U>> {
  const result = Object.create(null) as Record<string, U>;
  for (const key of Object.keys(source)) result[key] = convert(source[key] as T, key);
  return result;
}

/** A member that is there only when it has a value. */
export function optional<K extends string, V>(key: K, value: V | undefined): Readonly<Partial<Record<K, V>>> {
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<K, V>>;
}

/** The table, or an empty one in the place of anything else. */
export function readTable(value: JsonValue | undefined): Table {
  return isTable(value) ? value : EMPTY;
}

export function readText(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function readNumber(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** The texts of a list; what is something else is left out. */
export function readTexts(value: JsonValue | undefined): readonly string[] {
  return readList(value).filter((item): item is string => typeof item === 'string');
}

export function readList(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
