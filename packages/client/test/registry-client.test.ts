import { PAYLOAD_TYPE_STATEMENT, signEnvelope } from '@sheaf/bundle';
import { parseNamespace } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { failure } from '../src/testing/failure.js';
import { testKey } from '../src/testing/test-log.js';
import { clientFor, clientOf, NAMESPACE, DIGEST, ID, VERSION, WHOAMI } from './support/client-of.js';
import { problem, sendJson, startServer, type Answer } from './support/server.js';

describe('requests', () => {
  it('asks for JSON, and names what it searches for', async () => {
    const { client, seen } = await clientOf((_, response) => {
      sendJson(response, { total: 0, totalIsExact: true, hits: [], near: [] });
    });
    await client.search({ text: 'a&b', tags: ['git', 'ci'], owner: 'acme', limit: 5 });
    expect(seen[0]).toMatchObject({
      method: 'GET',
      path: '/v1/workflows?q=a%26b&tag=git&tag=ci&owner=acme&limit=5',
      headers: { accept: 'application/json, application/problem+json' },
    });
  });

  it('is not repeated when the client was closed meanwhile', async () => {
    const { client } = await clientOf(() => undefined);
    const pending = client.search({}).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await client.close();
    expect(await pending).toMatchObject({ code: 'operation.cancelled' });
    expect(client.notices).toEqual([]);
  });

  it('sends the token with what needs it', async () => {
    const { client, seen } = await clientOf(
      (_, response) => {
        sendJson(response, WHOAMI);
      },
      { token: () => Promise.resolve('shf_1_secret') },
    );
    await client.whoami();
    expect(seen[0]?.headers.authorization).toBe('Bearer shf_1_secret');
  });

  it('sends no token with a read of what is public, and does not even ask for it', async () => {
    const { client, seen } = await clientOf((_, response) => response.writeHead(404).end(), {
      token: () => Promise.reject(new Error('the token was asked for')),
    });
    const reads = [
      client.wellKnown(),
      client.search({}),
      client.getWorkflow(ID),
      client.getVersion(ID, VERSION),
      client.getReceipt(ID, VERSION),
      client.getBlob(DIGEST, { sizeBytes: 1 }),
      client.getCheckpoint(),
      client.getTile(0, 0, 1),
    ];
    await Promise.all(reads.map((read) => failure(read, 'response.invalid')));
    expect(seen).toHaveLength(reads.length);
    expect(seen.filter((request) => request.headers.authorization !== undefined)).toEqual([]);
  });

  it('refuses to send a token over plain http to another machine, before it connects', async () => {
    const client = clientFor('http://192.0.2.1:9', { token: 'secret' });
    const error = await failure(client.whoami(), 'network.insecure');
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('refuses a token that would break the header, without repeating it', async () => {
    const { client, seen } = await clientOf((_, response) => response.end(), { token: 'a\r\nx-admin: 1' });
    const error = await failure(client.whoami(), 'auth.token_invalid');
    expect(error.message).not.toContain('x-admin');
    expect(seen).toEqual([]);
  });

  it('publishes both parts in order and tells a new version from a known one', async () => {
    const { client, seen } = await clientOf((_, response) => {
      sendJson(response, problem('signature.invalid', 422), 422);
    });
    const envelope = signEnvelope(PAYLOAD_TYPE_STATEMENT, Buffer.from('{}'), [testKey(1)]);
    await failure(client.publish({ envelope, blob: Buffer.from('blob') }), 'signature.invalid');
    const { body, headers } = seen[0] ?? { body: Buffer.from(''), headers: {} };
    const boundary = /^multipart\/form-data; boundary=(sheaf-[0-9a-f]{48})$/.exec(
      headers['content-type'] ?? '',
    )?.[1];
    const parts = body.toString('latin1').split(`--${boundary ?? 'none'}`);
    expect(
      parts.map((part) => /name="(\w+)"[^]*Content-Type: (\S+)/.exec(part)?.slice(1)).slice(1, 3),
    ).toEqual([
      ['envelope', 'application/vnd.dsse.envelope.v1+json'],
      ['bundle', 'application/vnd.sheaf.bundle.v1.tar+gzip'],
    ]);
    expect(parts[2]?.endsWith('\r\n\r\nblob\r\n')).toBe(true);
  });
});

describe('answers', () => {
  it.each([
    ['a web page', (r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    [
      'a document of another form',
      (r) => {
        sendJson(r, { user: 1 });
      },
    ],
    ['JSON that ends early', (r) => r.writeHead(200, { 'content-type': 'application/json' }).end('{"user":')],
    ['a page instead of a problem', (r) => r.writeHead(404, { 'content-type': 'text/html' }).end('<html>')],
    [
      'a content encoding',
      (r) => r.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('x'),
    ],
  ] as [string, (response: Parameters<Answer>[1]) => unknown][])(
    'are refused when they are %s',
    async (_, answer) => {
      const { client, seen } = await clientOf((__, response) => void answer(response));
      await failure(client.whoami(), 'response.invalid');
      expect(seen).toHaveLength(1);
    },
  );

  it('are cut off beyond their limit, without reading the rest', async () => {
    let sentBytes = 0;
    const { client } = await clientOf((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(1 << 20, ' ');
      const pump = () => {
        while (!response.destroyed && sentBytes < 200 << 20) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', pump);
        }
      };
      pump();
    });
    await failure(client.whoami(), 'response.too_large');
    expect(sentBytes).toBeLessThan(30 << 20);
  });

  const SUMMARY = {
    version: '1.0.0',
    digest: DIGEST,
    sizeBytes: 1,
    blobSizeBytes: 1,
    state: 'active',
    publishedAt: '2026-03-01T00:00:00Z',
    publishedVia: 'token',
    logIndex: 1,
    signers: [],
  };
  const NONE = { network: [], exec: [], read: [], write: [], secrets: [] };
  const WORKFLOW = { id: ID, tags: [], channels: {}, permissions: NONE, versions: [SUMMARY] };
  const DOCUMENT = {
    ...SUMMARY,
    id: ID,
    tags: [],
    permissions: NONE,
    parameters: {},
    outputs: [],
    requirements: [],
    steps: [],
    files: [],
  };

  it.each([
    ['another workflow', { ...DOCUMENT, id: 'acme/other' }],
    ['another version', { ...DOCUMENT, version: '1.0.1' }],
    ['an id that is none', { ...DOCUMENT, id: 'acme/deploy; id' }],
    ['a version that is none', { ...DOCUMENT, version: '1.0.0\n' }],
    ['a time that is none', { ...DOCUMENT, publishedAt: '\u001b[2J2026-03-01T00:00:00Z' }],
    ['a tag that is none', { ...DOCUMENT, tags: ['\u202e'] }],
    ['a state that is none', { ...DOCUMENT, state: 'good' }],
  ])('are refused when a version is asked for and they speak of %s', async (_, document) => {
    const { client } = await clientOf((request, response) => {
      sendJson(response, request.path.endsWith('1.0.0') ? document : WORKFLOW);
    });
    await failure(client.getVersion(ID, VERSION), 'response.invalid');
    expect((await client.getWorkflow(ID)).id).toBe(ID);
  });

  it.each([
    ['another workflow', { ...WORKFLOW, id: 'acme/other' }],
    ['a channel that leads to no version', { ...WORKFLOW, channels: { latest: '1\u001b[2J' } }],
    ['a channel whose name is none', { ...WORKFLOW, channels: { 'la\u001b[2J': '1.0.0' } }],
    ['a listed version that is none', { ...WORKFLOW, versions: [{ ...SUMMARY, version: '$(id)' }] }],
  ])('are refused when a workflow is asked for and they speak of %s', async (_, document) => {
    const { client } = await clientOf((__, response) => {
      sendJson(response, document);
    });
    await failure(client.getWorkflow(ID), 'response.invalid');
  });

  it('are refused when a namespace is asked for and they speak of another', async () => {
    const { client } = await clientOf((_, response) => {
      sendJson(response, { ...NAMESPACE, name: 'other' });
    });
    await failure(client.getNamespace(parseNamespace('acme')), 'response.invalid');
    await failure(client.createNamespace(parseNamespace('acme')), 'response.invalid');
  });

  it('keep the code of a problem', async () => {
    const { client } = await clientOf((_, response) => {
      sendJson(response, problem('workflow.not_found', 404), 404);
    });
    const error = await failure(client.getWorkflow(ID), 'workflow.not_found');
    expect(error.problem?.requestId).toBe('r1');
  });
});

describe('redirects', () => {
  it('are not followed to another host with a read of the API, so that no token leaves', async () => {
    const other = await startServer((_, response) => {
      sendJson(response, WHOAMI);
    });
    const { client } = await clientOf(
      (_, response) => response.writeHead(302, { location: `${other.url}/v1/whoami` }).end(),
      { token: 'secret' },
    );
    await failure(client.whoami(), 'network.redirect');
    expect(other.seen).toEqual([]);
  });

  it('are followed to another host for a bundle, without the token', async () => {
    const other = await startServer((_, response) => response.writeHead(200).end('blob'));
    const { client, seen } = await clientOf(
      (_, response) => response.writeHead(302, { location: `${other.url}/x` }).end(),
      { token: 'secret' },
    );
    expect(Buffer.from(await client.getBlob(DIGEST, { sizeBytes: 4 })).toString()).toBe('blob');
    expect(seen[0]?.headers.authorization).toBeUndefined();
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('are not followed for ever, nor for a write, nor to a file', async () => {
    const loop = await clientOf((_, response) => response.writeHead(302, { location: '/again' }).end());
    await failure(loop.client.whoami(), 'network.redirect');
    expect(loop.seen).toHaveLength(6);
    await failure(loop.client.deprecate(ID, VERSION, { reason: 'r' }), 'network.redirect');
    expect(loop.seen).toHaveLength(7);
    const file = await clientOf((_, response) =>
      response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    );
    await failure(file.client.whoami(), 'network.redirect');
  });
});

describe('an answer that is refused by its headers', () => {
  /** Writes for as long as somebody reads; resolves when the connection is given up. */
  function writeForEver(response: Parameters<Answer>[1]): Promise<void> {
    const pump = () => {
      while (!response.destroyed && response.write(Buffer.alloc(1 << 16)));
      response.once('drain', pump);
    };
    pump();
    return new Promise((resolve) => response.once('close', resolve));
  }

  it.each([
    ['a redirect', 302, { location: 'https://elsewhere.example.com/' }, 'network.redirect'],
    ['a content encoding', 200, { 'content-encoding': 'br' }, 'response.invalid'],
  ] as const)('holds no connection: %s', async (_, status, headers, code) => {
    const closed: Promise<void>[] = [];
    const { client } = await clientOf((__, response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      closed.push(writeForEver(response));
    });
    await failure(client.whoami(), code);
    await Promise.all(closed);
    expect(closed).toHaveLength(1);
  });

  it('holds no connection: a download that continues at another place', async () => {
    const closed: Promise<void>[] = [];
    const { client } = await clientOf((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 5-9/10' });
      closed.push(writeForEver(response));
    });
    await failure(client.getBlob(DIGEST, { sizeBytes: 10 }), 'response.invalid');
    await Promise.all(closed);
    expect(closed).toHaveLength(4);
  });
});

describe('a tile', () => {
  it('is taken from the full one when the partial one is gone', async () => {
    const full = Buffer.alloc(256 * 32, 7);
    const { client, seen } = await clientOf((request, response) => {
      if (request.path.includes('.p/')) sendJson(response, problem('tile.not_found', 404), 404);
      else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(full);
    });
    expect(await client.getTile(0, 1067, 3)).toHaveLength(96);
    expect(seen.map((request) => request.path)).toEqual([
      '/log/public/tile/0/x001/067.p/3',
      '/log/public/tile/0/x001/067',
    ]);
  });
});

it('reads a namespace and registers a key', async () => {
  const { client, seen } = await clientOf((request, response) => {
    sendJson(response, NAMESPACE, request.method === 'POST' ? 201 : 200);
  });
  expect(await client.getNamespace(parseNamespace('acme'))).toEqual(NAMESPACE);
  const envelope = signEnvelope(PAYLOAD_TYPE_STATEMENT, Buffer.from('{}'), [testKey(1)]);
  expect(await client.registerKeyEvent(envelope)).toEqual({ created: true, namespace: NAMESPACE });
  expect(seen[1]?.headers['content-type']).toBe('application/vnd.dsse.envelope.v1+json');
});

it('opens no connection before the first request, and none after it was closed', async () => {
  const { client, seen } = await clientOf((_, response) => {
    sendJson(response, WHOAMI);
  });
  await client.close();
  await failure(client.whoami(), 'operation.cancelled');
  expect(seen).toEqual([]);
});
