import { encodeStanding } from '@sheaf/bundle';
import { parseNamespace } from '@sheaf/workflow';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createRegistryClient,
  type RegistryClient,
  type RegistryClientOptions,
} from '../src/registry-client.js';
import { failure } from '../src/testing/failure.js';
import { createTestRegistry } from '../src/testing/test-registry.js';
import { DIGEST, ID, VERSION } from './support/client-of.js';
import { problem, sendJson, startServer, type Answer } from './support/server.js';

const TOKEN = 'shf_1_secret';

function clientFor(url: string, token: RegistryClientOptions['token']): RegistryClient {
  const client = createRegistryClient({ url, token, timeoutMs: 2000, retry: { retries: 0 } });
  onTestFinished(() => client.close());
  return client;
}

const isSignedIn = (authorization: string | undefined) => authorization === `Bearer ${TOKEN}`;

/** Hides what it has from everybody without the token. */
const privately =
  (answer: Answer): Answer =>
  (request, response, count) => {
    if (isSignedIn(request.headers.authorization)) answer(request, response, count);
    else sendJson(response, problem('workflow.not_found', 404), 404);
  };

const READS: readonly [string, (client: RegistryClient) => Promise<unknown>][] = [
  ['a workflow', (client) => client.getWorkflow(ID)],
  ['a version', (client) => client.getVersion(ID, VERSION)],
  ['a receipt', (client) => client.getReceipt(ID, VERSION)],
  ['a standing', (client) => client.getStanding(ID, VERSION)],
  ['the keys of a namespace', (client) => client.getNamespaceKeys(parseNamespace('acme'))],
  ['a bundle', (client) => client.getBlob(DIGEST, { sizeBytes: 1 })],
];

describe('a read that finds nothing', () => {
  it.each(READS)('asks for %s once more with the token', async (_, read) => {
    const { url, seen } = await startServer(
      privately((_request, response) => {
        sendJson(response, problem('service.busy', 503), 503);
      }),
    );
    await failure(read(clientFor(url, TOKEN)), 'service.busy');
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([undefined, `Bearer ${TOKEN}`]);
  });

  it.each(READS)('asks for %s no more without a token', async (_, read) => {
    const { url, seen } = await startServer(privately(() => undefined));
    await failure(read(clientFor(url, undefined)), 'workflow.not_found');
    expect(seen).toHaveLength(1);
  });

  it('gives what only the token may see', async () => {
    const standing = { events: [], checkpoint: createTestRegistry().log.checkpoint() };
    const { url } = await startServer(
      privately((_, response) =>
        response
          .writeHead(200, { 'content-type': 'application/vnd.sheaf.standing.v1+json' })
          .end(encodeStanding(standing)),
      ),
    );
    expect(await clientFor(url, TOKEN).getStanding(ID, VERSION)).toEqual(standing);
  });

  it('says that there is nothing, and that the token may be why, when the token is refused', async () => {
    const { url } = await startServer(
      privately((_, response) => {
        sendJson(response, problem('auth.token_invalid', 401), 401);
      }),
    );
    const error = await failure(clientFor(url, TOKEN).getWorkflow(ID), 'workflow.not_found');
    expect(error.hint).toContain('sign in again');
  });

  it('keeps the token to itself when the second answer leads to another host', async () => {
    const other = await startServer((_, response) => response.writeHead(500).end());
    const { url, seen } = await startServer(
      privately((_, response) => response.writeHead(302, { location: `${other.url}/blob` }).end()),
    );
    await clientFor(url, TOKEN)
      .getBlob(DIGEST, { sizeBytes: 1 })
      .catch(() => undefined);
    expect(seen).toHaveLength(2);
    expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('is not repeated for an answer that is no problem document', async () => {
    const { url, seen } = await startServer((_, response) => response.writeHead(404).end());
    await failure(clientFor(url, TOKEN).getWorkflow(ID), 'response.invalid');
    expect(seen).toHaveLength(1);
  });
});

describe('the log', () => {
  it('of the public realm is read without the token even where it has no tile', async () => {
    const { url, seen } = await startServer((_, response) => {
      sendJson(response, problem('tile.not_found', 404), 404);
    });
    await failure(clientFor(url, TOKEN).getTile(0, 0, 256), 'tile.not_found');
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('of a private namespace is read with the token', async () => {
    const { url, seen } = await startServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/plain' }).end('note'),
    );
    expect(await clientFor(url, TOKEN).getCheckpoint({ realm: 'acme' })).toBe('note');
    expect(seen).toMatchObject([
      { path: '/log/acme/checkpoint', headers: { authorization: `Bearer ${TOKEN}` } },
    ]);
  });
});

describe('release states', () => {
  it('are taken back with a reason, if there is one', async () => {
    const { url, seen } = await startServer((_, response) => {
      sendJson(response, problem('state.conflict', 409), 409);
    });
    const reason = 'it works: 100 % & more';
    await failure(clientFor(url, TOKEN).unyank(ID, VERSION, { reason }), 'state.conflict');
    const asked = new URL(seen[0]?.path ?? '', url);
    expect(asked.pathname).toBe('/v1/workflows/acme/deploy/1.0.0/yank');
    expect([...asked.searchParams]).toEqual([['reason', reason]]);
  });

  it.each([
    ['yank', 'PUT', 'yank'],
    ['unyank', 'DELETE', 'yank'],
    ['quarantine', 'PUT', 'quarantine'],
    ['unquarantine', 'DELETE', 'quarantine'],
  ] as const)('%s is a %s below the version', async (verb, method, path) => {
    const { url, seen } = await startServer((_, response) => {
      sendJson(response, problem('state.conflict', 409), 409);
    });
    const client = clientFor(url, TOKEN);
    const request = { reason: 'broken', replacement: 'acme/deploy@1.0.1' };
    const send = () =>
      verb === 'yank' || verb === 'quarantine'
        ? client[verb](ID, VERSION, request)
        : client[verb](ID, VERSION);
    await failure(send(), 'state.conflict');
    expect(seen).toMatchObject([{ method, path: `/v1/workflows/acme/deploy/1.0.0/${path}` }]);
    expect(seen[0]?.body.toString()).toBe(method === 'PUT' ? JSON.stringify(request) : '');
  });
});
