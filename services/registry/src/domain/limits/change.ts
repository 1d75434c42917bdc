import type { LimitOverride } from './override.js';

/** What of the limits of a subject is to change: what is left out stays, and null is the default again. */
export interface LimitChange {
  readonly bytes?: number | null | undefined;
  readonly versions?: number | null | undefined;
  readonly workflows?: number | null | undefined;
  readonly requestsPerMinute?: number | null | undefined;
  readonly namespaces?: number | null | undefined;
  readonly reason?: string | undefined;
  /** Null: they hold for good. */
  readonly expiresAt?: Date | null | undefined;
}

const NAMES = ['bytes', 'versions', 'workflows', 'requestsPerMinute', 'namespaces'] as const;

/** Whether a change names a limit, if only to take it back: without one it says nothing but why, or until when. */
export function namesLimit(change: LimitChange): boolean {
  return NAMES.some((name) => change[name] !== undefined);
}

/** What is set after a change, of a subject of whom that was set before which still holds. Undefined when nothing is. */
export function applyChange(
  before: LimitOverride | undefined,
  change: LimitChange,
): LimitOverride | undefined {
  const numbers = Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = change[name] === undefined ? before?.[name] : change[name];
      return typeof value === 'number' ? [[name, value]] : [];
    }),
  );
  if (Object.keys(numbers).length === 0) return undefined;
  const expiresAt = change.expiresAt === undefined ? before?.expiresAt : change.expiresAt;
  return {
    ...numbers,
    reason: change.reason ?? before?.reason ?? '',
    ...(expiresAt && { expiresAt }),
  };
}
