import { printable, type JsonValue } from '@sheaf/workflow';

/** Whether two values are the same JSON, whatever the order of keys. */
export function isSame(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [one, other] = [a, b] as readonly Readonly<Record<string, JsonValue>>[];
  const keys = Object.keys(one ?? {});
  if (keys.length !== Object.keys(other ?? {}).length) return false;
  return keys.every((key) => {
    const [left, right] = [
      one?.[key],
      other !== undefined && Object.hasOwn(other, key) ? other[key] : undefined,
    ];
    return left !== undefined && right !== undefined && isSame(left, right);
  });
}

const MAX_SHOWN = 60;

/** A value in a message. */
export function show(value: JsonValue): string {
  return printable(JSON.stringify(value), MAX_SHOWN);
}
