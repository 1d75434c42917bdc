import { WorkflowError } from '../errors.js';
import { quote } from '../text.js';
import type { CelDuration, CelTimestamp } from './value.js';

const NANOS_PER_SECOND = 1_000_000_000n;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999999Z. */
const FIRST = -62_135_596_800n * NANOS_PER_SECOND;
const LAST = 253_402_300_800n * NANOS_PER_SECOND - 1n;
const INT_MAX = 2n ** 63n - 1n;

/** Throws WorkflowError `expression.overflow` outside the years 1 to 9999. */
export function timestampOf(nanos: bigint): CelTimestamp {
  if (nanos < FIRST || nanos > LAST) {
    throw new WorkflowError('expression.overflow', 'the time lies outside the years 1 to 9999');
  }
  return { kind: 'timestamp', nanos };
}

/** Throws WorkflowError `expression.overflow` for what does not fit 64 bits of nanoseconds, about 292 years. */
export function durationOf(nanos: bigint): CelDuration {
  if (nanos > INT_MAX || nanos < -INT_MAX - 1n) {
    throw new WorkflowError('expression.overflow', 'the duration is longer than 292 years');
  }
  return { kind: 'duration', nanos };
}

export function timestampOfSeconds(seconds: bigint): CelTimestamp {
  return timestampOf(seconds * NANOS_PER_SECOND);
}

/** Whole seconds since 1970, rounded down. */
export function secondsOf(nanos: bigint): bigint {
  const seconds = nanos / NANOS_PER_SECOND;
  return nanos % NANOS_PER_SECOND < 0n ? seconds - 1n : seconds;
}

/** Reads RFC 3339, at most nine digits of a fraction. Throws WorkflowError `expression.value`. */
export function parseTimestamp(text: string): CelTimestamp {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/.exec(
    text,
  );
  const [year, month, day, hour, minute, second] = (match ?? []).slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year ?? 0, (month ?? 0) - 1, day);
  date.setUTCHours(hour ?? 0, minute, second);
  // A date that does not exist, like 30 February, comes back as another.
  const isDate = match !== null && date.toISOString().slice(0, 19) === text.slice(0, 19);
  const offset = (Number(match?.[9] ?? 0) * 60 + Number(match?.[10] ?? 0)) * (match?.[8] === '-' ? -1 : 1);
  if (!isDate || Number(match[9] ?? 0) > 23 || Number(match[10] ?? 0) > 59) {
    throw new WorkflowError('expression.value', `${quote(text, 40)} is not a time`, {
      hint: 'write it as in 2026-01-31T12:00:00Z',
    });
  }
  const millis = BigInt(date.getTime() - offset * 60_000);
  return timestampOf(millis * 1_000_000n + BigInt((match[7] ?? '').padEnd(9, '0')));
}

/** RFC 3339 in UTC, with no more digits of a fraction than it takes. */
export function formatTimestamp(nanos: bigint): string {
  const seconds = secondsOf(nanos);
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${text}${formatFraction(nanos - seconds * NANOS_PER_SECOND)}Z`;
}

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', NANOS_PER_SECOND],
  ['m', 60n * NANOS_PER_SECOND],
  ['h', 3600n * NANOS_PER_SECOND],
]);

/** Reads durations like `1h30m` and `-1.5s`. Throws WorkflowError `expression.value`, `expression.overflow`. */
export function parseDuration(text: string): CelDuration {
  const isNegative = text.startsWith('-');
  const rest = text.replace(/^[+-]/, '');
  if (rest === '0') return durationOf(0n);
  const parts = text.length > 64 ? [] : [...rest.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  const isNumber = parts.every(([, whole = '', fraction = '']) => whole !== '' || fraction !== '');
  if (length === 0 || length !== rest.length || !isNumber) {
    throw new WorkflowError('expression.value', `${quote(text, 40)} is not a duration`, {
      hint: 'write it as in 1h30m or 1.5s',
    });
  }
  const nanos = parts.reduce((sum, [, whole = '', fraction = '', unit = '']) => {
    const size = UNITS.get(unit) ?? 0n;
    return (
      sum + BigInt(`0${whole}`) * size + (BigInt(`0${fraction}`) * size) / 10n ** BigInt(fraction.length)
    );
  }, 0n);
  return durationOf(isNegative ? -nanos : nanos);
}

/** Seconds, with a fraction where there is one. */
export function formatDuration(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = formatFraction(size % NANOS_PER_SECOND);
  return `${nanos < 0n ? '-' : ''}${(size / NANOS_PER_SECOND).toString()}${fraction}s`;
}

function formatFraction(nanos: bigint): string {
  return nanos === 0n ? '' : `.${nanos.toString().padStart(9, '0').replace(/0+$/, '')}`;
}
