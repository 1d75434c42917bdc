const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The longest timeout, in milliseconds: seven days. */
export const MAX_DURATION_MS = 7 * 86_400_000;

/** Milliseconds of `500ms`, `30s`, `1m`, `2h` or `1d`; undefined for other text, zero and more than `maxMs`. */
export function findDurationMs(text: string, maxMs = MAX_DURATION_MS): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  if (match === null) return undefined;
  const durationMs = Number(match[1]) * (UNITS[match[2] ?? ''] ?? Number.NaN);
  return durationMs > 0 && durationMs <= maxMs ? durationMs : undefined;
}
