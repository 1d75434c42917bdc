import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPlainTransport } from '../src/registry/plain-transport.js';
import type { Transport } from '../src/registry/transport.js';

interface Served {
  readonly server: Server;
  readonly get: (path?: string, more?: object) => ReturnType<Transport['request']>;
  readonly transport: Transport;
}

async function serve(answer: RequestListener): Promise<Served> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const transport = openPlainTransport({ connectTimeoutMs: 5_000, ca: undefined });
  onTestFinished(async () => {
    await transport.destroy();
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const get: Served['get'] = (path = '/', more = {}) =>
    transport.request({ origin, path, method: 'GET', headersTimeout: 5_000, bodyTimeout: 5_000, ...more });
  return { server, get, transport };
}

async function textOf({ body }: Awaited<ReturnType<Transport['request']>>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('direct connections', () => {
  it('send a read again when the other side cut the connection that was kept, and nothing else', async () => {
    const seen: string[] = [];
    let cuts = false;
    const { get } = await serve((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (cuts) request.socket.destroy();
      else response.end('here');
      cuts = false;
    });
    expect(await textOf(await get('/first'))).toBe('here');
    cuts = true;
    expect(await textOf(await get('/second'))).toBe('here');
    cuts = true;
    await expect(get('/third', { method: 'POST', body: 'x' })).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(seen).toEqual(['GET /first', 'GET /second', 'GET /second', 'POST /third']);
  });

  it('send texts and bytes with their length, and give repeated headers apart', async () => {
    const { get } = await serve((request, response) => {
      response.setHeader('x-word', ['one', 'two']);
      response.end(`${request.headers['content-length']}`);
    });
    const answer = await get('/', { method: 'POST', body: 'größe' });
    expect(answer.headers['x-word']).toEqual(['one', 'two']);
    expect(await textOf(answer)).toBe('7');
    expect(await textOf(await get('/', { method: 'POST', body: new Uint8Array(3) }))).toBe('3');
  });

  it('give up when no headers come, and when no more of a body does', async () => {
    const { get } = await serve((request, response) => {
      if (request.url === '/body') response.write('begun');
    });
    await expect(get('/headers', { headersTimeout: 50 })).rejects.toMatchObject({
      code: 'UND_ERR_HEADERS_TIMEOUT',
    });
    const answer = await get('/body', { bodyTimeout: 50 });
    await expect(textOf(answer)).rejects.toMatchObject({ code: 'UND_ERR_BODY_TIMEOUT' });
  });

  it('read what had arrived before a cut, then fail', async () => {
    const { get } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '1000000' });
      response.write(Buffer.alloc(300_000), () => setTimeout(() => response.destroy(), 30));
    });
    const { body } = await get();
    await new Promise((resolve) => setTimeout(resolve, 60));
    let sizeBytes = 0;
    const reading = (async () => {
      for await (const chunk of body) sizeBytes += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(sizeBytes).toBe(300_000);
  });

  it('fail what is under way when they are closed', async () => {
    const { get, transport } = await serve((request, response) => {
      if (request.url === '/body') response.write('begun');
    });
    const { body } = await get('/body');
    const waiting = get('/headers');
    const failed = expect(waiting).rejects.toMatchObject({ code: 'UND_ERR_DESTROYED' });
    await transport.destroy();
    await failed;
    const read = (async () => {
      for await (const chunk of body) expect(chunk.length).toBeGreaterThan(0);
    })();
    await expect(read).rejects.toMatchObject({ code: 'UND_ERR_DESTROYED' });
  });
});
