import { quote, type JsonValue } from '@sheaf/workflow';
import { LIMITS } from '../limits.js';
import { ActionError } from './action-error.js';

/** A text as JSON, without prototypes and not nested too deep. Throws ActionError `action.json`. */
export function parseJson(text: string, what: string): JsonValue {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ActionError('action.json', `${quote(what, 200)} is no JSON`, { cause });
  }
  const copy = copyJson(value);
  if (copy === undefined) {
    throw new ActionError(
      'action.json',
      `${quote(what, 200)} is nested deeper than ${LIMITS.outputDepth} levels`,
    );
  }
  return copy;
}

/** A copy of what is JSON, with maps without a prototype; undefined for what is not JSON, or nested too deep. */
export function copyJson(value: unknown, depth = 0): JsonValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) return null;
  if (depth >= LIMITS.outputDepth) return undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => copyJson(item, depth + 1));
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  const table = Object.create(null) as Record<string, JsonValue>;
  for (const [key, item] of Object.entries(value)) {
    const copy = copyJson(item, depth + 1);
    if (copy === undefined) return undefined;
    table[key] = copy;
  }
  return table;
}
