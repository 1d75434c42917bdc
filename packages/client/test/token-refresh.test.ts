import { describe, expect, it } from 'vitest';
import { createRegistryClient } from '../src/registry-client.js';
import { problem, sendJson, startServer } from './support/server.js';

const WHO = { user: 'ana', admin: false, token: { id: 't', name: 'n', scopes: [] }, namespaces: [] };
const OPTIONS = { retry: { retries: 0 } };

/** A registry that takes one token alone, and a client whose provider counts how often it is asked for another. */
async function serveFor(valid: string, next: string | undefined | Error) {
  const { url, seen } = await startServer((request, response) => {
    if (request.headers.authorization !== `Bearer ${valid}`)
      sendJson(response, problem('auth.token_invalid', 401), 401);
    else if (request.method === 'DELETE') response.writeHead(204).end();
    else sendJson(response, WHO);
  });
  const rejected: string[] = [];
  let token = 'old';
  const client = createRegistryClient({
    url,
    ...OPTIONS,
    token: {
      get: () => Promise.resolve(token),
      refresh: (old) => {
        rejected.push(old);
        if (next instanceof Error) return Promise.reject(next);
        token = next ?? token;
        return Promise.resolve(next);
      },
    },
  });
  return { client, seen, rejected };
}

describe('a request whose token the registry does not take', () => {
  it('is sent once more with another, which all requests at once share', async () => {
    const { client, seen, rejected } = await serveFor('new', 'new');
    const answers = await Promise.all([
      client.whoami(),
      client.whoami(),
      client.revokeToken('0123456789abcdef'),
    ]);
    expect(answers[0]).toEqual(WHO);
    expect(rejected).toEqual(['old']);
    expect(seen.map(({ method, headers }) => `${method} ${headers.authorization ?? ''}`).sort()).toEqual([
      'DELETE Bearer new',
      'DELETE Bearer old',
      'GET Bearer new',
      'GET Bearer new',
      'GET Bearer old',
      'GET Bearer old',
    ]);
    await client.close();
  });

  it('fails when the other one is not taken either, or there is none', async () => {
    for (const next of ['also bad', undefined]) {
      const { client, seen } = await serveFor('new', next === undefined ? undefined : 'bad');
      await expect(client.whoami()).rejects.toMatchObject({ code: 'auth.token_invalid' });
      expect(seen).toHaveLength(next === undefined ? 1 : 2);
      await client.close();
    }
  });

  it('fails with what the renewal failed with', async () => {
    const { client, seen } = await serveFor('new', new Error('the sign-in has ended'));
    await expect(client.whoami()).rejects.toThrow('the sign-in has ended');
    expect(seen).toHaveLength(1);
    await client.close();
  });
});
