import { createServer, type AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readProxies } from '../src/registry/proxies.js';
import { failure } from '../src/testing/failure.js';
import { makeCertificate, pinOf, type Certified } from './support/authority.js';
import { clientFor, WHOAMI } from './support/client-of.js';
import { startProxy, type ProxyOptions } from './support/proxy-server.js';
import { startTlsServer } from './support/tls-server.js';

let root: Certified;
let leaf: Certified;
let ofProxy: Certified;

beforeAll(() => {
  root = makeCertificate({ name: 'Root', ca: true });
  leaf = makeCertificate({ name: 'registry', names: 'DNS:registry.test', issuer: root });
  ofProxy = makeCertificate({ name: 'proxy', names: 'IP:127.0.0.1', issuer: root });
});

/** A registry at registry.test that only a proxy can reach, and a client that uses the proxy. */
async function behindProxy(
  options: ProxyOptions & {
    readonly given?: string;
    readonly pins?: readonly string[];
    readonly timeoutMs?: number;
  } = {},
) {
  const { given, pins, timeoutMs = 2000, ...rest } = options;
  const server = await startTlsServer(leaf);
  const proxy = await startProxy(rest);
  const scheme = rest.certified === undefined ? 'http' : 'https';
  const user = given === undefined ? '' : `${given}@`;
  const proxies = readProxies({ HTTPS_PROXY: `${scheme}://${user}${proxy.host}` });
  const client = clientFor(`https://registry.test:${server.port}`, {
    ...{ token: 't', proxies, ca: root.cert, spkiPins: pins, timeoutMs },
  });
  return { client, server, proxy, target: `registry.test:${server.port}` };
}

describe('a proxy', () => {
  it('is asked for a tunnel, through which TLS reaches the registry', async () => {
    const { client, proxy, target } = await behindProxy();
    expect(await client.whoami()).toEqual(WHOAMI);
    expect(proxy.asked).toEqual([target]);
  });

  it('gets the user and the password of its address, with their escapes undone', async () => {
    const { client } = await behindProxy({ credentials: 'ana:p@ss:word', given: 'ana:p%40ss:word' });
    expect(await client.whoami()).toEqual(WHOAMI);
  });

  it('may itself be spoken to over TLS', async () => {
    const { client, proxy, target } = await behindProxy({
      certified: ofProxy,
      credentials: 'a:b',
      given: 'a:b',
    });
    expect(await client.whoami()).toEqual(WHOAMI);
    expect(proxy.asked).toEqual([target]);
  });

  it('does not come between a registry and its pins', async () => {
    const { client } = await behindProxy({ pins: [pinOf(root)] });
    expect(await client.whoami()).toEqual(WHOAMI);
    const { client: other, server } = await behindProxy({ pins: [pinOf(ofProxy)] });
    await failure(other.whoami(), 'tls.pin_mismatch');
    expect(server.count()).toBe(0);
  });

  it('that wants a password, or another one, is named without the one it got', async () => {
    for (const [given, said] of [
      [undefined, 'wants a user and a password'],
      ['ana:wr0ng', 'refuses the user or the password'],
    ] as const) {
      const { client, proxy } = await behindProxy({ credentials: 'ana:right', ...(given && { given }) });
      const error = await failure(client.whoami(), 'proxy.refused');
      expect(error.message).toBe(`the proxy at http://${proxy.host} ${said}`);
      expect(error.hint).toContain('HTTPS_PROXY');
      expect(JSON.stringify([error, String(error.cause), error.stack])).not.toContain('wr0ng');
      expect(client.notices).toEqual([]);
    }
  });

  it('that does not allow the host is not asked again; one that cannot reach it is', async () => {
    const refused = await behindProxy({ status: 403 });
    const error = await failure(refused.client.whoami(), 'proxy.refused');
    expect(error.message).toContain(`refuses to connect to ${refused.target}: it answered 403`);
    expect(refused.proxy.asked).toHaveLength(1);
    const down = await behindProxy({ status: 502 });
    const unreachable = await failure(down.client.whoami(), 'network.unreachable');
    expect(unreachable.message).toContain(`cannot reach ${down.target}: it answered 502 (after 3 retries)`);
    expect(down.proxy.asked).toHaveLength(4);
  });

  it('that is not there, hangs, or speaks something else is told from the registry', async () => {
    const silent = createServer();
    const odd = createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-nothing\r\n\r\n'));
    const endless = createServer((socket) => {
      socket.on('error', () => undefined).write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}`);
    });
    const at: string[] = [];
    for (const server of [silent, odd, endless]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      at.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      onTestFinished(() => void server.close());
    }
    const whoami = (proxy: string, url = 'https://registry.test') => {
      const proxies = readProxies({ ALL_PROXY: proxy });
      return clientFor(url, { proxies, timeoutMs: 300, retry: { retries: 0 } }).wellKnown();
    };
    const [hung = '', chatty = '', long = ''] = at;
    const timeout = await failure(whoami(hung), 'network.timeout');
    expect(timeout.message).toBe(`the proxy at ${hung} did not answer in time`);
    for (const proxy of [chatty, long]) {
      const error = await failure(whoami(proxy), 'network.unreachable');
      expect(error.message).toBe(`cannot reach the proxy at ${proxy}: the answer is not HTTP`);
    }
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const nowhere = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
    await new Promise((resolve) => closed.close(resolve));
    for (const url of ['https://registry.test', 'http://registry.test']) {
      const error = await failure(whoami(nowhere.replace('//', '//u:secret@'), url), 'network.unreachable');
      expect(error.message).toBe(`cannot reach the proxy at ${nowhere}: nothing listens there`);
      expect(error.hint).toBe('check ALL_PROXY, or unset it to connect directly');
    }
  });

  it('that speaks before it is spoken to is not taken for a tunnel', async () => {
    const { client, server } = await behindProxy({ chatter: 'more' });
    await failure(client.whoami(), 'network.unreachable');
    expect(server.count()).toBe(0);
  });

  it('forwards plain http, and its refusal is not that of the registry', async () => {
    const proxy = await startProxy({ credentials: 'a:b' });
    const forwarded = (given: string) => {
      const proxies = readProxies({ http_proxy: `${given}${proxy.host}` });
      return clientFor('http://registry.test', { proxies }).wellKnown();
    };
    await failure(forwarded('http://a:b@'), 'response.invalid');
    expect(proxy.asked).toEqual(['http://registry.test/.well-known/sheaf-registry']);
    await failure(forwarded(''), 'proxy.refused');
  });

  it('is left as soon as the call is cancelled and the client closed', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const left = new Promise((resolve) =>
      silent.once('connection', (socket) => socket.once('close', resolve).resume()),
    );
    const proxies = readProxies({ all_proxy: `127.0.0.1:${(silent.address() as AddressInfo).port}` });
    const client = clientFor('https://registry.test', { proxies, timeoutMs: 60_000 });
    const start = performance.now();
    await failure(client.wellKnown({ signal: AbortSignal.timeout(50) }), 'operation.cancelled');
    await client.close();
    await left;
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
