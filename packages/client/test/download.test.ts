import { describe, expect, it } from 'vitest';
import { failure } from '../src/testing/failure.js';
import { clientOf, DIGEST } from './support/client-of.js';
import { problem, sendJson, type Answer } from './support/server.js';

describe('a download', () => {
  const BLOB = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
  const ETAG = '"sha256:abc"';

  /** Sends all of it, or from where the client asks; cuts the connection after `cutAfter` bytes. */
  const serve =
    (cutAfter: (count: number) => number, etag = () => ETAG): Answer =>
    (request, response, count) => {
      const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
      const isSame = request.headers['if-range'] === etag();
      const from = range !== null && isSame ? Number(range[1]) : 0;
      const body = BLOB.subarray(from);
      response.writeHead(from > 0 ? 206 : 200, {
        etag: etag(),
        'content-length': body.length,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${BLOB.length - 1}/${BLOB.length}` } : {}),
      });
      const cut = cutAfter(count);
      if (cut >= body.length) response.end(body);
      else response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
    };

  it('goes on where it was cut', async () => {
    const { client, seen } = await clientOf(serve((count) => (count < 2 ? 30_000 : Infinity)));
    const progress: number[] = [];
    const bytes = await client.getBlob(DIGEST, {
      sizeBytes: BLOB.length,
      onProgress: (n) => progress.push(n),
    });
    expect(Buffer.from(bytes).equals(BLOB)).toBe(true);
    expect(seen.map((request) => request.headers.range)).toEqual([undefined, 'bytes=30000-', 'bytes=60000-']);
    expect(seen[1]?.headers['if-range']).toBe(ETAG);
    expect(progress.at(-1)).toBe(BLOB.length);
    expect([...progress].sort((a, b) => a - b)).toEqual(progress);
  });

  it('begins again when the bytes behind it have changed', async () => {
    let count = 0;
    const { client } = await clientOf(
      serve(
        (n) => {
          count = n;
          return n === 0 ? 30_000 : Infinity;
        },
        () => `"v${count === 0 ? 0 : 1}"`,
      ),
    );
    expect(Buffer.from(await client.getBlob(DIGEST, { sizeBytes: BLOB.length })).equals(BLOB)).toBe(true);
  });

  it('begins again when a registry that ignores If-Range goes on with other bytes', async () => {
    const { client, seen } = await clientOf((request, response, count) => {
      if (count !== 1) {
        serve((n) => (n === 0 ? 30_000 : Infinity))(request, response, count);
        return;
      }
      const range = `bytes 30000-${BLOB.length - 1}/${BLOB.length}`;
      response.writeHead(206, { etag: '"other"', 'content-range': range }).end(Buffer.alloc(70_000));
    });
    const bytes = await client.getBlob(DIGEST, { sizeBytes: BLOB.length });
    expect(Buffer.from(bytes).equals(BLOB)).toBe(true);
    expect(seen).toHaveLength(3);
  });

  it('begins again when the registry continues at another place', async () => {
    const { client, seen } = await clientOf((request, response, count) => {
      if (count !== 1) {
        serve((n) => (n === 0 ? 30_000 : Infinity))(request, response, count);
        return;
      }
      response
        .writeHead(206, { etag: ETAG, 'content-range': `bytes 0-9/${BLOB.length}` })
        .end(BLOB.subarray(0, 10));
    });
    expect(Buffer.from(await client.getBlob(DIGEST, { sizeBytes: BLOB.length })).equals(BLOB)).toBe(true);
    expect(seen).toHaveLength(3);
  });

  it('is refused when it is longer than said, declared or not', async () => {
    const declared = await clientOf((_, response) => response.writeHead(200).end(BLOB));
    await failure(declared.client.getBlob(DIGEST, { sizeBytes: 99_999 }), 'blob.size');
    expect(declared.seen).toHaveLength(1);
    const chunked = await clientOf((_, response) => {
      response.write(BLOB);
      response.end('x');
    });
    await failure(chunked.client.getBlob(DIGEST, { sizeBytes: BLOB.length }), 'blob.size');
  });

  it('is refused when it stays shorter than said', async () => {
    const { client, seen } = await clientOf((_, response) =>
      response.writeHead(200, { connection: 'close' }).end('short'),
    );
    const error = await failure(client.getBlob(DIGEST, { sizeBytes: 10 }), 'blob.size');
    expect(error.message).toBe('the bundle ended after 5 of 10 bytes (after 3 retries)');
    expect(seen).toHaveLength(4);
  });

  it.each([500, 416, 404])(
    'is asked for from the beginning when going on is answered with %i',
    async (status) => {
      const whole = serve((count) => (count === 0 ? 30_000 : Infinity));
      const { client, seen } = await clientOf((request, response, count) => {
        if (request.headers.range === undefined) whole(request, response, count);
        else if (status === 500) sendJson(response, problem('internal.error', 500), 500);
        else response.writeHead(status).end();
      });
      expect(Buffer.from(await client.getBlob(DIGEST, { sizeBytes: BLOB.length })).equals(BLOB)).toBe(true);
      expect(seen.map((request) => request.headers.range)).toEqual([undefined, 'bytes=30000-', undefined]);
    },
  );

  it.each([500, 416])(
    'that ends early each time is too short, though going on is answered with %i',
    async (status) => {
      const cut = serve(() => 100);
      const { client } = await clientOf((request, response, count) => {
        if (request.headers.range === undefined) cut(request, response, count);
        else if (status === 500) sendJson(response, problem('internal.error', 500), 500);
        else response.writeHead(status).end();
      });
      const error = await failure(client.getBlob(DIGEST, { sizeBytes: BLOB.length }), 'blob.size');
      expect(error.message).toContain(`ended after 100 of ${BLOB.length} bytes`);
    },
  );

  it('is refused before it begins when no registry may offer so much', async () => {
    const { client, seen } = await clientOf((_, response) => response.end());
    await failure(client.getBlob(DIGEST, { sizeBytes: 2 ** 31 }), 'response.too_large');
    expect(seen).toEqual([]);
  });

  it('ends when it trickles more slowly than any connection does', async () => {
    const { client } = await clientOf(
      (_, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write('x'), 20);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
      { timeoutMs: 200, retry: { retries: 0 } },
    );
    const startedMs = performance.now();
    await failure(client.getBlob(DIGEST, { sizeBytes: 10_000 }), 'network.timeout');
    // All of it would take 200 s.
    expect(performance.now() - startedMs).toBeLessThan(60_000);
  });

  it('ends when nothing more comes', async () => {
    const { client } = await clientOf((_, response) => response.write(BLOB.subarray(0, 10)), {
      timeoutMs: 1100,
      retry: { retries: 0 },
    });
    await failure(client.getBlob(DIGEST, { sizeBytes: BLOB.length }), 'network.timeout');
  });
});
