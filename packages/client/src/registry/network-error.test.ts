import { describe, expect, it } from 'vitest';
import { networkError } from './network-error.js';

function explained(code: string) {
  const { signal } = new AbortController();
  const error = Object.assign(new Error('failed'), { code });
  return networkError(error, { url: 'https://r.test', signal: undefined, closed: signal, deadline: signal });
}

describe('networkError', () => {
  it.each(['ENETUNREACH', 'ENETDOWN', 'EAI_AGAIN'])('takes %s for a machine that is offline', (code) => {
    const { message, hint, retry } = explained(code);
    expect(message).toBe('cannot reach the registry at https://r.test: this machine seems to be offline');
    expect(hint).toBe('check the connection, then try again');
    expect(retry).toEqual({ maybeReceived: false, atMost: 1 });
  });

  it.each([
    ['ECONNREFUSED', 'nothing listens there'],
    ['ENOTFOUND', 'the host name is not known'],
    ['EHOSTUNREACH', 'the host cannot be reached'],
  ])('has little tried again after %s', (code, reason) => {
    const { message, retry } = explained(code);
    expect(message).toContain(reason);
    expect(retry).toEqual({ maybeReceived: false, atMost: 1 });
  });

  it('has as much tried again as usual after a cut, which may have come after the request', () => {
    expect(explained('ECONNRESET').retry).toEqual({ maybeReceived: true });
    expect(explained('ERR_TLS_CERT_ALTNAME_INVALID').retry).toBeUndefined();
  });
});
