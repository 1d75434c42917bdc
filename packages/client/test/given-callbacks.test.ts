import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  createUpstreams,
  fetchWorkflow,
  fetchWorkflows,
  openCache,
  openTrustStore,
  parseReference,
  type FetchRequest,
  type TokenProvider,
} from '../src/index.js';
import { failure } from '../src/testing/failure.js';
import { createTestRegistry, ORIGIN } from '../src/testing/test-registry.js';
import { trusting } from '../src/testing/verifying.js';
import { clientFor, clientOf, WHOAMI } from './support/client-of.js';
import { temporaryFolder } from './support/folder.js';
import { serveRegistry } from './support/serve-registry.js';
import { problem, sendJson, startServer, type Answer } from './support/server.js';

const HANGS = (): Promise<never> => new Promise(() => undefined);

/** What a provider that never answers was told of whoever waits for it. */
function hanging(): TokenProvider & { readonly told: AbortSignal[] } {
  const told: AbortSignal[] = [];
  const hang = (signal: AbortSignal | undefined) => {
    if (signal !== undefined) told.push(signal);
    return HANGS();
  };
  return { told, get: ({ signal }) => hang(signal), refresh: (_, { signal }) => hang(signal) };
}

/** A registry with one release, somebody who has pinned it and is asked about publishers, and a fetch from it. */
async function setUp(askPublisher: FetchRequest['policy']['askPublisher']) {
  const registry = createTestRegistry();
  const published = await registry.publish('acme/deploy', '1.0.0');
  const { url } = await startServer(serveRegistry(registry, [published]));
  const dir = await temporaryFolder();
  const client = clientFor(url);
  const cache = await openCache(join(dir, 'cache'));
  const trust = await openTrustStore(join(dir, 'trust'));
  await trust.pin({ url: client.url, origin: ORIGIN, logKey: registry.log.logKey });
  const { policy, ...context } = trusting();
  const asking = {
    ...context,
    policy: { ...policy, mode: 'tofu', publishers: [] } as typeof policy,
    askPublisher,
  };
  return { client, cache, trust, policy: asking };
}

it('leaves a provider of tokens that hangs when the call is cancelled, and tells it', async () => {
  const leave = async (isRefused: boolean) => {
    const provider = hanging();
    const token = isRefused ? { ...provider, get: () => Promise.resolve('old') } : provider;
    const { client } = await clientOf(
      (_, response) => {
        sendJson(response, problem('auth.token_invalid', 401), 401);
      },
      { token, timeoutMs: 300 },
    );
    const stop = new AbortController();
    const reason = new Error('enough');
    const pending = client.whoami({ signal: stop.signal });
    pending.catch(() => undefined);
    // Longer than the time limit, which is for the registry and not for whoever gets a token.
    await new Promise((resolve) => setTimeout(resolve, 450));
    stop.abort(reason);
    const error = await failure(pending, 'operation.cancelled');
    expect(error.cause).toBe(reason);
    expect(provider.told.map(({ aborted }) => aborted)).toEqual([true]);
  };
  await Promise.all([leave(false), leave(true)]);
});

it('ends what is under way when the client is closed: a request, an answer, a pause, a token', async () => {
  const provider = hanging();
  const silent = clientFor((await startServer(() => undefined)).url, { token: 't' });
  const dripping = (
    await clientOf((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    })
  ).client;
  const pausing = (await clientOf((_, response) => response.destroy(), { retry: { maxDelayMs: 60_000 } }))
    .client;
  const asking = clientFor(silent.url, { token: provider });
  const clients = [silent, dripping, pausing, asking];
  const calls = [silent.whoami(), dripping.wellKnown(), pausing.wellKnown(), asking.whoami()];
  setTimeout(() => void Promise.all(clients.map((client) => client.close())), 60);
  const messages = await Promise.all(
    calls.map(async (call) => (await failure(call, 'operation.cancelled')).message),
  );
  expect(new Set(messages)).toEqual(new Set(['the client was closed']));
  expect(provider.told.map(({ aborted }) => aborted)).toEqual([true]);
  for (const client of clients)
    expect((await failure(client.whoami(), 'operation.cancelled')).message).toBe('the client was closed');
});

it('calls a time limit of the caller a cancellation, whatever it meets', async () => {
  const answer: Answer = (request, response) => {
    if (request.path.includes('whoami')) sendJson(response, problem('service.unavailable', 503), 503);
  };
  const { client: pausing } = await clientOf(answer);
  const { client: waiting } = await clientOf(answer, { retry: { retries: 0 } });
  const signal = AbortSignal.timeout(60);
  for (const call of [pausing.whoami({ signal }), waiting.wellKnown({ signal })]) {
    const error = await failure(call, 'operation.cancelled');
    expect(error.cause).toBe(signal.reason);
    expect(error.retry).toBeUndefined();
  }
});

it('leaves a question about a publisher when the fetch is cancelled, and tells it', async () => {
  const told: AbortSignal[] = [];
  const given = await setUp((_, { signal }) => {
    told.push(signal);
    return HANGS();
  });
  const reference = parseReference('acme/deploy');
  for (const fetch of [
    (signal: AbortSignal) => fetchWorkflow({ ...given, reference, signal }),
    (signal: AbortSignal) => fetchWorkflows({ ...given, references: [reference], signal }),
  ]) {
    const stop = new AbortController();
    const pending = fetch(stop.signal);
    pending.catch(() => undefined);
    await expect.poll(() => told.length).toBeGreaterThan(0);
    stop.abort();
    await failure(pending, 'operation.cancelled');
    expect(told.splice(0).map(({ aborted }) => aborted)).toEqual([true]);
  }
});

it('names the callback that has failed, and keeps what it has thrown', async () => {
  const thrown = new Error('no such\nfile');
  const fail = () => {
    throw thrown;
  };
  const given = await setUp(fail);
  const reference = parseReference('acme/deploy');
  const whoami = (token: TokenProvider | (() => Promise<string>), onRetry?: () => void) =>
    clientFor(given.client.url, { token, onRetry }).whoami();
  const down = await clientOf((_, response) => response.destroy(), { onRetry: fail });
  const failures: readonly (readonly [string, Promise<unknown>])[] = [
    ['token.get', whoami(fail)],
    ['token.get', whoami({ get: fail })],
    ['onRetry', down.client.wellKnown()],
    ['onEvent', fetchWorkflow({ ...given, reference, onEvent: fail })],
    ['askPublisher', fetchWorkflow({ ...given, reference })],
  ];
  for (const [name, call] of failures) {
    const error = await failure(call, 'callback.failed');
    expect(error.message).toBe(`${name} has failed: no such\\nfile`);
    expect(error.cause).toBe(thrown);
    expect(error.verification).toBeUndefined();
  }
});

it('passes on what a callback throws with a code of its own', async () => {
  const thrown = Object.assign(new Error('sign in again'), { code: 'auth.ended' });
  const client = clientFor('http://127.0.0.1:1', { token: () => Promise.reject(thrown) });
  await expect(client.whoami()).rejects.toBe(thrown);
});

it('fetches what is qualified from the registry of that name only', async () => {
  const given = await setUp(() => Promise.resolve(true));
  const reference = parseReference('tools:acme/deploy');
  const refused = await failure(fetchWorkflow({ ...given, reference }), 'reference.registry_mismatch');
  expect(refused.message).toBe(
    `tools:acme/deploy is of the registry tools, and ${given.client.url} was to be asked`,
  );
  const other = { ...given, reference, registryName: 'corp' };
  await failure(fetchWorkflow(other), 'reference.registry_mismatch');
  await failure(fetchWorkflow({ ...other, offline: true }), 'reference.registry_mismatch');

  const { client, name: registryName } = await createUpstreams([
    { name: 'tools', client: given.client },
  ]).locate(reference);
  await fetchWorkflow({ ...given, client, registryName, reference });
  const results = await fetchWorkflows({
    ...given,
    references: [reference, { reference, client, registryName }, { reference, client }],
  });
  expect(results.map(({ ok }) => ok)).toEqual([false, true, false]);
});

it('asks a function for the token as it asks a provider', async () => {
  const { client } = await clientOf(
    (_, response) => {
      sendJson(response, WHOAMI);
    },
    { token: () => Promise.resolve('t') },
  );
  expect(await client.whoami()).toEqual(WHOAMI);
});
