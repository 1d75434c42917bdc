import { ClientError } from '../errors.js';
import { explainCode, isBeforeSending, retryAdviceFor, systemCodeOf } from './network-error.js';
import type { Proxy } from './proxies.js';

/** What a proxy's refusal means; some may pass, such as a proxy that cannot reach the registry just now. */
export function refusedBy(proxy: Proxy, status: number, target: string): ClientError {
  const at = `the proxy at ${proxy.origin}`;
  if (status === 407) {
    const has =
      proxy.authorization === undefined ? 'wants a user and a password' : 'refuses the user or the password';
    return new ClientError('proxy.refused', `${at} ${has}`, {
      hint: `set them in ${proxy.variable} as http://USER:PASSWORD@HOST:PORT, with %40 for an @ in them`,
    });
  }
  if (status >= 500) {
    return new ClientError('network.unreachable', `${at} cannot reach ${target}: it answered ${status}`, {
      hint: `try again, or add the host to NO_PROXY if it can be reached directly`,
      retry: { maybeReceived: false },
    });
  }
  return new ClientError('proxy.refused', `${at} refuses to connect to ${target}: it answered ${status}`, {
    hint: 'ask whoever runs it to allow the host, or add the host to NO_PROXY if it can be reached directly',
  });
}

/** What went wrong on the way to the proxy itself. */
export function unreachableProxy(proxy: Proxy, code: string, cause: unknown): ClientError {
  return new ClientError(
    'network.unreachable',
    `cannot reach the proxy at ${proxy.origin}: ${explainCode(code)}`,
    { hint: hintFor(proxy), cause, retry: retryAdviceFor(code) },
  );
}

export function silentProxy(proxy: Proxy, cause?: unknown): ClientError {
  return new ClientError('network.timeout', `the proxy at ${proxy.origin} did not answer in time`, {
    hint: hintFor(proxy),
    cause,
    retry: { maybeReceived: false },
  });
}

function hintFor({ variable }: Proxy): string {
  return `check ${variable}, or unset it to connect directly`;
}

/** What failed with a request that the proxy was to forward, as far as it failed before the proxy had it. */
export function forwardError(proxy: Proxy, error: unknown): ClientError | undefined {
  const code = systemCodeOf(error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return silentProxy(proxy, error);
  return isBeforeSending(code) ? unreachableProxy(proxy, code, error) : undefined;
}
