import { timingSafeEqual } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliError } from '../frame/errors.js';

const CALLBACK = '/callback';

/** Where the browser comes back to: a port of this machine that listens for one sign-in (RFC 8252 §7.3). */
export interface Loopback {
  readonly redirectUri: string;
  /** The address that the browser came back to. @throws CliError `auth.sign_in_timeout`, what `signal` is aborted with */
  wait(options: { readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<URL>;
  close(): Promise<void>;
}

/** @param state what the browser must bring along; whoever comes without it changes nothing */
export async function openLoopback(state: string): Promise<Loopback> {
  let arrive: (url: URL) => void = () => undefined;
  const arrived = new Promise<URL>((resolve) => {
    arrive = resolve;
  });
  const server = createServer((request, response) => {
    const asked = request.url ?? '/';
    // Everybody on this machine can send what no URL is.
    const url = URL.canParse(asked, redirectUri) ? new URL(asked, redirectUri) : undefined;
    if (request.method !== 'GET' || url?.pathname !== CALLBACK)
      answer(response, 404, 'There is nothing here.');
    else if (!isSame(url.searchParams.get('state') ?? '', state))
      answer(response, 400, 'This is not the sign-in that was begun here. Start again: sheaf login');
    else {
      const isRefused = url.searchParams.has('error');
      const text = isRefused ? 'You are not signed in.' : 'You are signed in. This window can be closed.';
      response.once('close', () => {
        arrive(url);
      });
      answer(response, 200, text);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}${CALLBACK}`;
  return {
    redirectUri,
    wait: ({ signal, timeoutMs }) => Promise.race([arrived, ended(signal, timeoutMs)]),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      // The browser has its answer; whoever else is connected is not waited for.
      server.closeAllConnections();
      await closed;
    },
  };
}

function ended(signal: AbortSignal, timeoutMs: number): Promise<never> {
  const late = AbortSignal.timeout(timeoutMs);
  return new Promise((_, reject) => {
    const stop = () => {
      reject(
        signal.aborted
          ? (signal.reason as Error)
          : new CliError('auth.sign_in_timeout', 'nobody signed in within five minutes', {
              hint: 'start again: sheaf login',
            }),
      );
    };
    if (signal.aborted) stop();
    AbortSignal.any([signal, late]).addEventListener('abort', stop, { once: true });
  });
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(`${text}\n`);
}

function isSame(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
