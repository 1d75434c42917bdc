import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientError } from '../errors.js';
import { failure } from '../testing/failure.js';
import {
  DEFAULT_RETRY,
  findDelayMs,
  parseRetryAfterMs,
  withRetries,
  type RetryDeps,
  type RetryNotice,
} from './retry.js';

function depsWith(random = 0.5) {
  const slept: number[] = [];
  const notices: RetryNotice[] = [];
  const deps: RetryDeps = {
    policy: DEFAULT_RETRY,
    random: () => random,
    sleep: (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
    onRetry: (notice) => notices.push(notice),
  };
  return { deps, slept, notices };
}

const unreachable = (maybeReceived: boolean, afterMs?: number) =>
  new ClientError('network.unreachable', 'cut', {
    retry: { maybeReceived, ...(afterMs === undefined ? {} : { afterMs }) },
  });

/** Fails with each error in turn, then answers how often it was called. */
function attempts(...errors: readonly Error[]) {
  let calls = 0;
  return () => {
    const error = errors[calls++];
    return error === undefined ? Promise.resolve(calls) : Promise.reject(error);
  };
}

describe('withRetries', () => {
  it('repeats what is idempotent three times, with pauses that grow', async () => {
    const { deps, slept, notices } = depsWith();
    const cut = unreachable(true);
    expect(await withRetries(deps, { idempotent: true }, attempts(cut, cut, cut))).toBe(4);
    expect(slept).toEqual([1000, 1500, 2500]);
    expect(notices.map(({ attempt, retries }) => [attempt, retries])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it('tries no more often than the error says is of use', async () => {
    const { deps, notices } = depsWith();
    const offline = new ClientError('network.unreachable', 'offline', {
      retry: { maybeReceived: false, atMost: 1 },
    });
    const call = withRetries(deps, { idempotent: true }, attempts(offline, offline, offline));
    expect((await failure(call, 'network.unreachable')).message).toBe('offline (after 1 retry)');
    expect(notices.map(({ attempt, retries }) => [attempt, retries])).toEqual([[1, 1]]);
  });

  it('gives up after that and says how often it tried', async () => {
    const { deps } = depsWith();
    const cut = unreachable(true);
    const error = await failure(
      withRetries(deps, { idempotent: true }, attempts(cut, cut, cut, cut)),
      'network.unreachable',
    );
    expect(error.message).toBe('cut (after 3 retries)');
  });

  it('repeats what is not idempotent only when the registry cannot have seen it', async () => {
    const { deps, slept } = depsWith();
    expect(await withRetries(deps, { idempotent: false }, attempts(unreachable(false)))).toBe(2);
    await failure(
      withRetries(deps, { idempotent: false }, attempts(unreachable(true))),
      'network.unreachable',
    );
    expect(slept).toHaveLength(1);
  });

  it('repeats nothing that cannot help', async () => {
    const { deps, slept } = depsWith();
    await failure(
      withRetries(deps, { idempotent: true }, attempts(new ClientError('version.exists', 'no'))),
      'version.exists',
    );
    await expect(withRetries(deps, { idempotent: true }, attempts(new TypeError('bug')))).rejects.toThrow(
      TypeError,
    );
    expect(slept).toEqual([]);
  });

  it('waits as long as the registry asks, but not longer than the policy allows', async () => {
    const { deps, slept } = depsWith();
    expect(await withRetries(deps, { idempotent: true }, attempts(unreachable(true, 4000)))).toBe(2);
    expect(slept).toEqual([4000]);
    await failure(
      withRetries(deps, { idempotent: true }, attempts(unreachable(true, 10_001))),
      'network.unreachable',
    );
    expect(slept).toHaveLength(1);
  });
});

describe('findDelayMs', () => {
  it('begins between 0.5 and 1.5 s, and never passes the limit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999999, noNaN: true }), fc.nat(40), (random, retried) => {
        const delayMs = findDelayMs({ policy: DEFAULT_RETRY, random: () => random }, retried) ?? -1;
        expect(delayMs).toBeGreaterThanOrEqual(500);
        expect(delayMs).toBeLessThanOrEqual(retried === 0 ? 1500 : 10_000);
      }),
    );
  });
});

describe('parseRetryAfterMs', () => {
  it('reads seconds and dates, and nothing else', () => {
    const nowMs = Date.parse('2026-01-01T00:00:00Z');
    expect(parseRetryAfterMs('3', nowMs)).toBe(3000);
    expect(parseRetryAfterMs('Thu, 01 Jan 2026 00:00:05 GMT', nowMs)).toBe(5000);
    expect(parseRetryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', nowMs)).toBe(0);
    for (const bad of [undefined, '', 'soon', '-1', '9'.repeat(50)])
      expect(parseRetryAfterMs(bad, nowMs)).toBeUndefined();
  });
});
