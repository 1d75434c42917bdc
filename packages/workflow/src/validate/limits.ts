import { MAX_RETENTION_MS } from '../build.js';
import { findDurationMs } from '../duration.js';
import type { JsonValue } from '../model.js';
import { isTable } from '../schema/check.js';
import { findSizeBytes } from '../size.js';
import type { Finding, Path } from '../source/tree.js';
import type { Table } from '../tables.js';
import { quote, tick } from '../text.js';

/** Checks the durations and amounts of a step that the schema cannot: bounds, and what contradicts each other. */
export function checkLimits(raw: Table, path: Path): readonly Finding[] {
  const { timeout, retry, resources, wait, await_event: event } = raw;
  return [
    ...checkDuration(timeout, [...path, 'timeout'], 'a timeout'),
    ...(isTable(retry) ? checkRetry(retry, [...path, 'retry']) : []),
    ...(isTable(event)
      ? checkDuration(event['timeout'], [...path, 'await_event', 'timeout'], 'a timeout')
      : []),
    ...(isTable(resources) ? checkMemory(resources['memory'], [...path, 'resources', 'memory']) : []),
    ...(isTable(wait) ? checkWait(wait, timeout, path) : []),
  ];
}

/** Checks how long artifacts are kept. */
export function checkRetention(retention: JsonValue | undefined, path: Path): readonly Finding[] {
  return checkDuration(retention, path, 'a retention', MAX_RETENTION_MS, '3650d');
}

function checkDuration(
  duration: JsonValue | undefined,
  path: Path,
  what: string,
  maxMs?: number,
  most = '7d',
): readonly Finding[] {
  if (typeof duration !== 'string' || findDurationMs(duration, maxMs) !== undefined) return [];
  return [
    {
      code: 'timeout.invalid',
      message: `${what} must lie between 1ms and ${most}, not ${quote(duration)}`,
      path,
    },
  ];
}

function checkRetry(retry: Table, path: Path): readonly Finding[] {
  const findings: Finding[] = [
    ...checkDuration(retry['delay'], [...path, 'delay'], 'a delay'),
    ...checkDuration(retry['max_delay'], [...path, 'max_delay'], 'a delay'),
  ];
  const [delayMs, maxMs] = [msOf(retry['delay']), msOf(retry['max_delay'])];
  if (delayMs !== undefined && maxMs !== undefined && delayMs > maxMs) {
    findings.push({
      code: 'retry.invalid',
      message: 'delay is above max_delay',
      hint: 'swap them',
      path: [...path, 'delay'],
      related: [{ path: [...path, 'max_delay'], label: 'what no delay exceeds' }],
    });
  }
  if (retry['attempts'] === 1) {
    findings.push({
      severity: 'warning',
      code: 'retry.invalid',
      message: 'one attempt is no retry',
      hint: 'attempts counts the first one too: write 2, or remove retry',
      path: [...path, 'attempts'],
    });
  }
  const isConstant = retry['backoff'] === undefined || retry['backoff'] === 'constant';
  if (isConstant && maxMs !== undefined) {
    findings.push({
      severity: 'warning',
      code: 'retry.invalid',
      message: 'max_delay says nothing where the delay is constant',
      hint: 'add backoff = "exponential", or remove it',
      path: [...path, 'max_delay'],
      at: 'key',
    });
  }
  return findings;
}

function msOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'string' ? findDurationMs(value) : undefined;
}

function checkMemory(memory: JsonValue | undefined, path: Path): readonly Finding[] {
  // What does not look like an amount is the schema's.
  if (typeof memory !== 'string' || !/^[1-9][0-9]{0,8}[KMG]iB$/.test(memory)) return [];
  if (findSizeBytes(memory) !== undefined) return [];
  return [{ code: 'value.range', message: `memory must be at most 4096GiB, not ${quote(memory)}`, path }];
}

/** A time as RFC 3339 has it. */
const TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

function checkWait(wait: Table, timeout: JsonValue | undefined, step: Path): readonly Finding[] {
  const path = [...step, 'wait'];
  const { seconds, until } = wait;
  if ((seconds === undefined) === (until === undefined)) {
    const message = seconds === undefined ? 'wait does not say how long' : 'wait has two ends';
    const hint = `${seconds === undefined ? 'give' : 'keep'} one of seconds and until`;
    return [{ code: 'wait.invalid', message, hint, path, at: 'key' }];
  }
  if (typeof until === 'string' && !until.includes('${{') && !isTime(until)) {
    return [
      {
        code: 'wait.invalid',
        message: `${quote(until)} is no time`,
        hint: 'write it with its offset, like 2026-01-31T08:00:00Z',
        path: [...path, 'until'],
      },
    ];
  }
  const timeoutMs = msOf(timeout);
  if (typeof seconds === 'number' && timeoutMs !== undefined && seconds * 1000 >= timeoutMs) {
    return [
      {
        code: 'wait.invalid',
        message: `the wait always ends at its ${tick('timeout')}`,
        hint: 'make the timeout longer, or remove it',
        path: [...path, 'seconds'],
        related: [{ path: [...step, 'timeout'], label: 'ends first' }],
      },
    ];
  }
  return [];
}

function isTime(text: string): boolean {
  if (!TIME.test(text)) return false;
  const [year = 0, month = 1, day = 1] = text.slice(0, 10).split('-').map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
