import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { openFetch } from '../src/registry/proxied-fetch.js';
import { readProxies } from '../src/registry/proxies.js';
import { makeCertificate, type Certified } from './support/authority.js';
import { WHOAMI } from './support/client-of.js';
import { startProxy } from './support/proxy-server.js';
import { sendJson, startServer } from './support/server.js';
import { startTlsServer } from './support/tls-server.js';

let root: Certified;
let leaf: Certified;
beforeAll(() => {
  root = makeCertificate({ name: 'Root', ca: true });
  leaf = makeCertificate({ name: 'provider', names: 'DNS:id.test', issuer: root });
});

function open(env: Readonly<Record<string, string>>) {
  const opened = openFetch({ proxies: readProxies(env), ca: root.cert, timeoutMs: 2000 });
  onTestFinished(() => opened.close());
  return opened.fetch;
}

it('reaches what only a proxy can reach, and posts what it is given', async () => {
  const server = await startTlsServer(leaf);
  const proxy = await startProxy({ credentials: 'ana:secret' });
  const fetch = open({ HTTPS_PROXY: `http://ana:secret@${proxy.host}` });
  const body = new URLSearchParams({ grant_type: 'refresh_token' });
  const answer = await fetch(`https://id.test:${server.port}/token`, { method: 'POST', body });
  expect([answer.status, await answer.json()]).toEqual([200, WHOAMI]);
  expect(proxy.asked).toEqual([`id.test:${server.port}`]);
});

it('takes no more than it can hold, and sends no body that it does not know', async () => {
  const { url } = await startServer((_, response) => {
    response.end(Buffer.alloc(5 * 1024 * 1024));
  });
  const fetch = open({});
  await expect(fetch(url)).rejects.toMatchObject({ code: 'response.too_large' });
  await expect(fetch(url, { method: 'POST', body: { a: 1 } })).rejects.toThrow(TypeError);
});

it('reaches this machine directly', async () => {
  const proxy = await startProxy();
  const { url } = await startServer((_, response) => {
    sendJson(response, { is: 'here' });
  });
  const answer = await open({ ALL_PROXY: `http://${proxy.host}` })(url);
  expect([await answer.json(), proxy.asked]).toEqual([{ is: 'here' }, []]);
});
