import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Credential, SignInCredential } from '../src/config/credential-format.js';
import { freshAccessToken } from '../src/sign-in/refresh.js';

const PLACE = { url: 'https://wf.example.com' };

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Renews what has ended; what is stored afterwards is in `stored`. */
function renew(issuer: string, signal: AbortSignal) {
  const stored: (Credential | undefined)[] = [];
  const ended: SignInCredential = {
    kind: 'sign-in',
    issuer,
    clientId: 'cli',
    resource: undefined,
    accessToken: 'old',
    expiresAt: '2020-01-01T00:00:00Z',
    refreshToken: 'once',
  };
  const update = async (_: unknown, change: (now: Credential) => Promise<Credential | undefined>) => {
    stored.push(await change(ended));
    return stored[0];
  };
  const deps = { credentials: { update }, now: Date.now, env: {}, signal };
  return { stored, token: freshAccessToken(deps, PLACE, ended) };
}

describe('a renewal that is given up', () => {
  it('does not wait for a provider that says nothing', async () => {
    const controller = new AbortController();
    const issuer = await serve(() => {
      controller.abort(new Error('given up'));
    });
    const begunMs = performance.now();
    await expect(renew(issuer, controller.signal).token).rejects.toThrow('given up');
    expect(performance.now() - begunMs).toBeLessThan(4000);
  });

  it('still gets and stores what it has sent its only refresh token for', async () => {
    const controller = new AbortController();
    const issuer: string = await serve((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url?.startsWith('/.well-known/') === true) {
        response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` }));
        return;
      }
      controller.abort(new Error('given up'));
      setTimeout(() => {
        response.end(
          JSON.stringify({
            access_token: 'new',
            token_type: 'bearer',
            expires_in: 60,
            refresh_token: 'next',
          }),
        );
      }, 50);
    });
    const { stored, token } = renew(issuer, controller.signal);
    expect(await token).toBe('new');
    expect(stored).toMatchObject([{ accessToken: 'new', refreshToken: 'next' }]);
  });
});
