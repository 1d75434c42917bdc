import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { PAYLOAD_TYPE_STATEMENT, signEnvelope } from '@sheaf/bundle';
import { parseNamespace } from '@sheaf/workflow';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failure } from '../src/testing/failure.js';
import { testKey } from '../src/testing/test-log.js';
import { clientFor, clientOf, NAMESPACE, WHOAMI } from './support/client-of.js';
import { problem, sendJson } from './support/server.js';

describe('retries', () => {
  it('repeat a read after 503, as late as Retry-After says', async () => {
    const { client, seen } = await clientOf(
      (_, response, count) => {
        if (count === 0) sendJson(response, problem('service.busy', 503), 503, { 'retry-after': '1' });
        else sendJson(response, WHOAMI);
      },
      { retry: { maxDelayMs: 2000 } },
    );
    const start = performance.now();
    expect(await client.whoami()).toEqual(WHOAMI);
    expect(performance.now() - start).toBeGreaterThan(950);
    expect(seen).toHaveLength(2);
    expect(client.notices).toHaveLength(1);
  });

  it('do not wait for a registry that asks for more than the limit', async () => {
    const { client, seen } = await clientOf((_, response) => {
      sendJson(response, problem('service.busy', 503), 503, { 'retry-after': '3600' });
    });
    await failure(client.whoami(), 'service.busy');
    expect(seen).toHaveLength(1);
  });

  it('repeat a read whose connection was cut, and end after three', async () => {
    const { client, seen } = await clientOf((_, response) => response.destroy());
    const error = await failure(client.whoami(), 'network.unreachable');
    expect(error.message).toContain('the connection was cut (after 3 retries)');
    expect(seen).toHaveLength(4);
  });

  it('never send a new namespace or token twice once it may have arrived', async () => {
    const { client, seen } = await clientOf((_, response) => response.destroy());
    await failure(client.createNamespace(parseNamespace('acme')), 'network.unreachable');
    await failure(client.createToken({ name: 'ci' }), 'network.unreachable');
    expect(seen.map((request) => request.path)).toEqual(['/v1/namespaces', '/v1/tokens']);
  });

  it('do repeat a key event, which the registry answers for as it did the first time', async () => {
    const { client, seen } = await clientOf((_, response, count) => {
      if (count < 2) response.destroy();
      else sendJson(response, NAMESPACE);
    });
    const envelope = signEnvelope(PAYLOAD_TYPE_STATEMENT, Buffer.from('{}'), [testKey(1)]);
    expect(await client.registerKeyEvent(envelope)).toMatchObject({ created: false });
    expect(seen.map((request) => request.path)).toEqual(['/v1/keys', '/v1/keys', '/v1/keys']);
  });

  it('do repeat a publish, which is idempotent by digest', async () => {
    const { client, seen } = await clientOf((_, response, count) => {
      if (count < 2) response.destroy();
      else sendJson(response, problem('version.exists', 409), 409);
    });
    const envelope = signEnvelope(PAYLOAD_TYPE_STATEMENT, Buffer.from('{}'), [testKey(1)]);
    await failure(client.publish({ envelope, blob: Buffer.from('blob') }), 'version.exists');
    expect(seen).toHaveLength(3);
  });

  it('repeat whatever could not even be sent, once', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const client = clientFor(`http://127.0.0.1:${port}`);
    const error = await failure(client.createNamespace(parseNamespace('acme')), 'network.unreachable');
    expect(error.message).toBe(
      `cannot reach the registry at http://127.0.0.1:${port}: nothing listens there (after 1 retry)`,
    );
    expect(error.hint).toContain('give the address of another as url');
  });

  it('ask a server once that speaks something else than HTTP', async () => {
    const server = createTcpServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-x\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const client = clientFor(`http://127.0.0.1:${port}`);
    const error = await failure(client.whoami(), 'network.unreachable');
    expect(error.message).toBe(
      `cannot reach the registry at http://127.0.0.1:${port}: the answer is not HTTP`,
    );
    expect(client.notices).toEqual([]);
  });
});

describe('time', () => {
  it('ends a request that is never answered', async () => {
    const { client } = await clientOf(() => undefined, { timeoutMs: 150, retry: { retries: 0 } });
    await failure(client.whoami(), 'network.timeout');
  });

  it('ends an answer that drips for ever', async () => {
    const { client } = await clientOf(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
      { timeoutMs: 200, retry: { retries: 0 } },
    );
    await failure(client.whoami(), 'network.timeout');
  });

  it('stops at once when the caller wants no more, also during a pause', async () => {
    const { client } = await clientOf(() => undefined);
    const stop = new AbortController();
    setTimeout(() => {
      stop.abort();
    }, 50);
    await failure(client.whoami({ signal: stop.signal }), 'operation.cancelled');
    await failure(client.whoami({ signal: AbortSignal.abort() }), 'operation.cancelled');

    const cut = await clientOf((_, response) => response.destroy(), { retry: { maxDelayMs: 60_000 } });
    const pausing = new AbortController();
    setTimeout(() => {
      pausing.abort();
    }, 100);
    await failure(cut.client.whoami({ signal: pausing.signal }), 'operation.cancelled');
  });
});
