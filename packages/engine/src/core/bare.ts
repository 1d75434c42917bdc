import type { JsonValue } from '@sheaf/workflow';

/** A copy whose objects have no prototype: steps name the keys of their outputs, and no name may mean more than itself. */
export function bareRecord(record: Readonly<Record<string, JsonValue>>): Record<string, JsonValue> {
  const copy = Object.create(null) as Record<string, JsonValue>;
  for (const [key, value] of Object.entries(record)) copy[key] = bareValue(value);
  return copy;
}

function bareValue(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(bareValue);
  if (typeof value === 'object' && value !== null) {
    return bareRecord(value as Readonly<Record<string, JsonValue>>);
  }
  return value;
}
