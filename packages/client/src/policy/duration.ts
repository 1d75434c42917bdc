const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const HOUR_MS = 3_600_000;
const MAX_MS = 3650 * 86_400_000;

/** Milliseconds of a duration such as `90s`, `15m`, `24h` or `7d`; undefined when it is none or above ten years. */
export function findDurationMs(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const unitMs = unit === undefined ? undefined : UNITS_MS[unit];
  if (unitMs === undefined) return undefined;
  const ms = Number(count) * unitMs;
  return ms <= MAX_MS ? ms : undefined;
}

/** A duration as people read it: `90 s`, `15 min`, `24 h`, `7 d`; never longer than it is. */
export function formatDurationMs(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 120 * 60) return `${Math.floor(seconds / 60)} min`;
  if (seconds <= 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** A text that {@link findDurationMs} reads back to the same time: `90s`, `24h`, `7d`; days above two of them. */
export function durationText(ms: number): string {
  if (ms === 0) return '0s';
  if (ms <= 48 * HOUR_MS && ms % HOUR_MS === 0) return `${ms / HOUR_MS}h`;
  const fitting = Object.entries(UNITS_MS).filter(([, unitMs]) => ms % unitMs === 0);
  const [unit, unitMs] = fitting.at(-1) ?? ['s', 1000];
  return `${Math.round(ms / unitMs)}${unit}`;
}
