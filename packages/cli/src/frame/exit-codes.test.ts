import { describe, expect, it } from 'vitest';
import { PROBLEMS } from '@sheaf/client/contract';
import { exitCodeOf } from './exit-codes.js';

const exitOf = (code: string, more: { readonly verifying?: boolean; readonly status?: number } = {}) =>
  exitCodeOf({ code, verifying: more.verifying ?? false, status: more.status });

describe('exitCodeOf', () => {
  it.each([
    ['usage.unknown_verb', 2],
    ['parameter.missing', 2],
    ['blob.digest', 3],
    ['log.fork', 3],
    ['log.key_unpinned', 5],
    ['workflow.not_found', 4],
    ['auth.required', 5],
    ['permissions.not_approved', 5],
    ['key.unauthorised', 5],
    ['network.unreachable', 6],
    ['service.busy', 6],
    ['definition.invalid', 7],
    ['step.failed', 8],
    ['version.exists', 1],
    ['internal.error', 1],
    ['cancelled', 130],
  ])('gives %s the code %i', (code, exit) => {
    expect(exitOf(code)).toBe(exit);
  });

  it('is 3 for whatever fails while something fetched is verified', () => {
    expect(exitOf('archive.header', { verifying: true })).toBe(3);
    expect(exitOf('key.unauthorised', { verifying: true })).toBe(3);
    expect(exitOf('archive.header')).toBe(7);
  });

  it('goes by the status of an answer whose code it does not know', () => {
    expect(exitOf('response.problem', { status: 403 })).toBe(5);
    expect(exitOf('response.problem', { status: 418 })).toBe(1);
  });

  it('agrees with the status of each problem that a registry may answer', () => {
    const expected: Readonly<Record<number, readonly number[]>> = {
      401: [5],
      // Not allowed, or refused for what the log says of a release or key.
      403: [3, 5],
      404: [1, 4],
      429: [6],
      503: [6],
    };
    for (const [code, { status }] of Object.entries(PROBLEMS)) {
      const allowed = expected[status];
      if (allowed !== undefined) expect(allowed, code).toContain(exitOf(code, { status }));
    }
  });
});
