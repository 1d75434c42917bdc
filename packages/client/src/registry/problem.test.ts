import { describe, expect, it } from 'vitest';
import { readProblem } from './problem.js';

const problem = (changes: object) => ({
  type: 'about:blank',
  title: 'The version exists with other content',
  status: 409,
  detail: 'acme/deploy 1.0.0 exists',
  code: 'version.exists',
  requestId: 'r1',
  ...changes,
});

function read(
  body: unknown,
  headers: Record<string, string> = { 'content-type': 'application/problem+json' },
  status = 409,
) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return readProblem({ status, headers, body: bytes }, 'https://host', 0);
}

describe('readProblem', () => {
  it('keeps the code of the problem and says what to do', () => {
    const error = read(problem({ digest: `sha256:${'a'.repeat(64)}` }));
    expect(error).toMatchObject({ code: 'version.exists', message: 'acme/deploy 1.0.0 exists' });
    expect(error.hint).toContain('raise the version');
    expect(error.problem?.digest).toBe(`sha256:${'a'.repeat(64)}`);
    expect(error.retry).toBeUndefined();
  });

  it('advises to retry what the table calls retryable, after the time that was named', () => {
    const headers = { 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '2' };
    const error = read(problem({ code: 'service.busy', status: 503 }), headers, 503);
    expect(error.retry).toEqual({ maybeReceived: true, afterMs: 2000 });
  });

  it('does not let an unknown code pass for one of its own', () => {
    const error = read(problem({ code: 'log.fork', detail: 'x' }));
    expect(error).toMatchObject({ code: 'response.problem', message: 'x (log.fork)' });
    expect(read(problem({ code: 'constructor' })).code).toBe('response.problem');
  });

  it('makes texts of the registry harmless', () => {
    const error = read(problem({ detail: 'a\u001b[31m\nb\u202e' }));
    expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('calls anything else an answer that is not a registry’s', () => {
    expect(read('<html>', { 'content-type': 'text/html' }, 404)).toMatchObject({
      code: 'response.invalid',
      retry: undefined,
    });
    expect(read('{}', undefined, 400).code).toBe('response.invalid');
    expect(read('<html>', { 'content-type': 'text/html' }, 502).retry).toEqual({ maybeReceived: true });
  });
});
