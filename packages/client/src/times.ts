import { ClientError } from './errors.js';

/** The last moment that a date can name, ECMA-262 §21.4.1.1. */
const MAX_TIME_MS = 8.64e15;

/** A time that others wrote, RFC 3339, UTC; said in words when no calendar has it. */
export function formatTimeMs(timeMs: number): string {
  return isTime(timeMs) ? new Date(timeMs).toISOString() : 'a day that no calendar has';
}

/** The day of a time that others wrote, as {@link formatTimeMs}. */
export function formatDay(timeSeconds: number): string {
  const text = formatTimeMs(timeSeconds * 1000);
  return isTime(timeSeconds * 1000) ? text.slice(0, text.indexOf('T')) : text;
}

/** @throws ClientError `leaf.invalid` for a leaf whose time no calendar has: nothing could be told of its age */
export function assertTime(index: number, { t }: { readonly t: number }): void {
  if (isTime(t * 1000)) return;
  throw new ClientError('leaf.invalid', `the leaf at log index ${index} has a time that no calendar has`, {
    hint: 'do not use it, and tell the operator of the registry',
  });
}

function isTime(timeMs: number): boolean {
  return Math.abs(timeMs) <= MAX_TIME_MS;
}
