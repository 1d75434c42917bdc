import { randomUUID } from 'node:crypto';

const WELL_FORMED = /^[A-Za-z0-9._-]{8,64}$/;

/** The caller's `X-Request-Id` when it is well formed, else a new one. */
export function requestIdOf(given: string): string {
  return WELL_FORMED.test(given) ? given : randomUUID();
}
