import { BASE64_FUNCTIONS } from './base64.js';
import { CONVERSIONS } from './conversions.js';
import { FORMAT_FUNCTIONS } from './format.js';
import { JSON_FUNCTIONS } from './json.js';
import { LIST_FUNCTIONS } from './lists.js';
import { MATH_FUNCTIONS } from './math.js';
import type { Overload } from './overload.js';
import { TEXT_PLACE_FUNCTIONS } from './text-places.js';
import { TEXT_FUNCTIONS } from './text.js';
import { TIME_FUNCTIONS } from './times.js';

/** All functions by name: the CEL standard's that need no protobuf, and extensions. Those of a namespace have their full name. */
export const FUNCTIONS: ReadonlyMap<string, readonly Overload[]> = collect();

function collect(): ReadonlyMap<string, readonly Overload[]> {
  const functions = new Map<string, readonly Overload[]>();
  const tables = [
    ...[TEXT_FUNCTIONS, TEXT_PLACE_FUNCTIONS, FORMAT_FUNCTIONS, CONVERSIONS, TIME_FUNCTIONS],
    ...[LIST_FUNCTIONS, MATH_FUNCTIONS, BASE64_FUNCTIONS, JSON_FUNCTIONS],
  ];
  for (const [name, overloads] of tables.flat()) {
    functions.set(name, [...(functions.get(name) ?? []), ...overloads]);
  }
  return functions;
}
