import type { JsonValue } from '../model.js';
import { isTable } from '../schema/check.js';
import type { Path } from '../source/tree.js';
import type { Table } from '../tables.js';

/** The value at a path of a file's data. */
export function findValue(data: Table, path: Path): JsonValue | undefined {
  let value: JsonValue | undefined = data;
  for (const key of path) {
    if (Array.isArray(value)) value = (value as readonly JsonValue[])[Number(key)];
    else value = isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

/** The table at a path of a file's data. */
export function findTable(data: Table, path: Path): Table | undefined {
  const value = findValue(data, path);
  return isTable(value) ? value : undefined;
}
