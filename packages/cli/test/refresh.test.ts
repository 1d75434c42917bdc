import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestRegistry } from '../../client/src/testing/test-registry.js';
import type { Credential, SignInCredential } from '../src/config/credential-format.js';
import { freshAccessToken } from '../src/sign-in/refresh.js';
import { buildCli, createMachine } from './harness.js';
import { serve as serveRegistry } from './served-registry.js';

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

/** Answers what a provider is and, once it was asked for tokens and told to, new ones. */
function serveProvider(onGrant: (answer: () => void) => void): Promise<string> {
  const started = serve((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url?.startsWith('/.well-known/') === true)
      void started.then((issuer) =>
        response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` })),
      );
    else
      onGrant(() => {
        response.end(
          JSON.stringify({
            access_token: 'new',
            token_type: 'bearer',
            expires_in: 60,
            refresh_token: 'next',
          }),
        );
      });
  });
  return started;
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
    const issuer = await serveProvider((answer) => {
      controller.abort(new Error('given up'));
      setTimeout(answer, 50);
    });
    const { stored, token } = renew(issuer, controller.signal);
    expect(await token).toBe('new');
    expect(stored).toMatchObject([{ accessToken: 'new', refreshToken: 'next' }]);
  });

  // Of the second Ctrl-C the process has to end, and does so a second later.
  it.each([1, 2])('by %d Ctrl-C is stored before the process ends', async (times) => {
    buildCli();
    const machine = createMachine();
    const registry = createTestRegistry();
    const { url } = await serveRegistry(registry, []);
    const children: ChildProcess[] = [];
    const issuer = await serveProvider((answer) => {
      for (let n = 0; n < times; n++) setTimeout(() => children[0]?.kill('SIGINT'), 50 * n);
      setTimeout(answer, 400);
    });
    const path = join(machine.dir, 'config', 'sheaf', 'credentials.json');
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const old = { issuer, clientId: 'cli', accessToken: 'shf_0_bad', expiresAt: '2099-01-01T00:00:00Z' };
    const registries = [{ url, signIn: { ...old, refreshToken: 'once' } }];
    writeFileSync(path, JSON.stringify({ schema: 'sheaf.credentials/1', registries }), { mode: 0o600 });
    const child = machine.start(['whoami', '--registry', url]);
    children.push(child);
    const [status] = (await once(child, 'close')) as [number | null];
    expect(status).toBe(130);
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { registries: readonly { signIn: object }[] };
    expect(kept.registries[0]?.signIn).toMatchObject({ accessToken: 'new', refreshToken: 'next' });
    expect(readdirSync(dirname(path)).sort()).toEqual(['credentials.json']);
  });
});
