import type { JsonValue } from '@sheaf/workflow';

/** A text that is the same for the same value, whatever the order of its members. */
export function sameText(value: unknown): string {
  // Of nothing at all there is no JSON.
  if (value === undefined) return '';
  return JSON.stringify(value, (_, part: JsonValue) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1));
  });
}
