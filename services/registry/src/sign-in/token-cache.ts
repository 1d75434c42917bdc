import { createHash } from 'node:crypto';

/**
 * What is known of secrets for a short while, keyed by their SHA-256, so that none lies in memory. Holds at most
 * `capacity` entries; the oldest give way.
 */
export interface TokenCache<T> {
  find(token: string, nowMs: number): T | undefined;
  keep(token: string, value: T, untilMs: number): void;
}

export function createTokenCache<T>(capacity: number): TokenCache<T> {
  const entries = new Map<string, { readonly value: T; readonly untilMs: number }>();
  return {
    find(token, nowMs) {
      const key = keyOf(token);
      const entry = entries.get(key);
      if (entry === undefined || nowMs < entry.untilMs) return entry?.value;
      entries.delete(key);
      return undefined;
    },
    keep(token, value, untilMs) {
      const key = keyOf(token);
      entries.delete(key);
      entries.set(key, { value, untilMs });
      const oldest = entries.size > capacity ? entries.keys().next().value : undefined;
      if (oldest !== undefined) entries.delete(oldest);
    },
  };
}

function keyOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
