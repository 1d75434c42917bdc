import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, hexOfDigest } from '@sheaf/bundle';
import { describe, expect, it } from 'vitest';
import { openCache } from '../src/cache.js';
import { obtainBlob } from '../src/downloads/obtain-blob.js';
import type { DownloadEvent } from '../src/fetch-event.js';
import { failure } from '../src/testing/failure.js';
import { clientOf, DIGEST } from './support/client-of.js';
import { startChild } from './support/child.js';
import { temporaryFolder } from './support/folder.js';
import type { Answer } from './support/server.js';

const BLOB = Buffer.from(Array.from({ length: 600_000 }, (_, i) => (i * 7) % 251));
const BLOB_DIGEST = digestOf(BLOB);
const HEX = hexOfDigest(BLOB_DIGEST);
const ETAG = `"${BLOB_DIGEST}"`;

/** Sends the blob from where it is asked for; the first so many answers end after `bytes` bytes. */
const serve =
  ({ cuts = 0, bytes = 300_000, afterMs = 0 } = {}): Answer =>
  (request, response, count) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const body = BLOB.subarray(from);
    const range = { 'content-range': `bytes ${from}-${BLOB.length - 1}/${BLOB.length}` };
    response.writeHead(from > 0 ? 206 : 200, {
      etag: ETAG,
      'content-length': body.length,
      ...(from > 0 ? range : {}),
    });
    if (count < cuts)
      response.write(body.subarray(0, bytes), () => setTimeout(() => response.destroy(), 200));
    else setTimeout(() => response.end(body), afterMs);
  };

async function setUp(answer: Answer) {
  const dir = await temporaryFolder();
  const cache = await openCache(dir);
  const served = await clientOf(answer, { retry: { retries: 0 } });
  const obtain = async (onEvent?: (event: DownloadEvent) => void, signal?: AbortSignal) => {
    const wanted = { tar: DIGEST, blob: BLOB_DIGEST, sizeBytes: BLOB.length };
    const obtained = await obtainBlob({ client: served.client, cache, ...wanted, onEvent, signal });
    expect(Buffer.from(obtained.bytes).equals(BLOB)).toBe(true);
    await obtained.keep();
    await obtained.release();
    return obtained;
  };
  const partial = join(dir, 'partial');
  const parts = async () => (await readdir(partial)).filter((name) => name.includes('.part.'));
  return { ...served, dir, cache, obtain, partial, parts };
}

describe('a download that was cut', () => {
  it('goes on in the next process where it ended', async () => {
    const { obtain, seen, parts } = await setUp(serve({ cuts: 1 }));
    await failure(obtain(), 'blob.size');
    expect(await parts()).toHaveLength(1);
    const events: DownloadEvent[] = [];
    await obtain((event) => events.push(event));
    expect(seen.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=300000-']);
    expect(seen[1]?.headers['if-range']).toBe(ETAG);
    expect(events[0]).toEqual({ type: 'download.started', receivedBytes: 300_000, sizeBytes: BLOB.length });
    expect(await parts()).toEqual([]);
  });

  it('loses nothing when it is cut again', async () => {
    const { obtain, seen, parts } = await setUp(serve({ cuts: 2, bytes: 280_000 }));
    await failure(obtain(), 'blob.size');
    await failure(obtain(), 'blob.size');
    expect(await parts()).toHaveLength(1);
    await obtain();
    expect(seen.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=280000-', 'bytes=560000-']);
  });

  it('loses nothing when the registry cannot be reached in between', async () => {
    const { obtain, seen, parts } = await setUp((request, response, count) => {
      if (count === 1) response.destroy();
      else serve({ cuts: 1 })(request, response, count);
    });
    await failure(obtain(), 'blob.size');
    await failure(obtain(), 'network.unreachable');
    expect(await parts()).toHaveLength(1);
    await obtain();
    expect(seen.at(-1)?.headers.range).toBe('bytes=300000-');
  });

  it('is downloaded whole when what was kept is not of this bundle', async () => {
    const { obtain, seen, partial, parts } = await setUp(serve({ cuts: 1 }));
    await failure(obtain(), 'blob.size');
    const [name = ''] = await parts();
    const kept = await readFile(join(partial, name));
    kept[5000] = (kept[5000] ?? 0) ^ 1;
    await writeFile(join(partial, name), kept);
    const events: DownloadEvent[] = [];
    await obtain((event) => events.push(event));
    expect(events).toContainEqual({ type: 'cache.dropped', what: 'partial', error: undefined });
    expect(seen.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=300000-', undefined]);
    expect(await parts()).toEqual([]);
  });

  it.each(['', 'no tag', '"tag', `"${'x'.repeat(300)}"\nbytes`, 'W/"weak"\nbytes'])(
    'is downloaded whole when its file begins with %j',
    async (text) => {
      const { obtain, seen, partial, parts } = await setUp(serve({ cuts: 1 }));
      await failure(obtain(), 'blob.size');
      const [name = ''] = await parts();
      await writeFile(join(partial, name), text);
      await obtain();
      expect(seen.at(-1)?.headers.range).toBeUndefined();
    },
  );

  it('asks for nothing when all of it had arrived', async () => {
    const { obtain, seen, partial, parts } = await setUp(serve({ cuts: 1 }));
    await failure(obtain(), 'blob.size');
    const [name = ''] = await parts();
    await writeFile(join(partial, name), Buffer.concat([Buffer.from(`${ETAG}\n`), BLOB]));
    await obtain();
    expect(seen).toHaveLength(1);
  });

  it('is forgotten after a week, as is the oldest of many', async () => {
    const { obtain, seen, partial, parts } = await setUp(serve({ cuts: 1 }));
    await failure(obtain(), 'blob.size');
    const [name = ''] = await parts();
    const old = new Date(Date.now() - 8 * 24 * 3600_000);
    await utimes(join(partial, name), old, old);
    const other = `${'ab'.repeat(32)}.part.`;
    for (let i = 0; i < 12; i++)
      await writeFile(join(partial, `${other}${String(i).padStart(16, '0')}`), 'x');
    await obtain();
    expect(seen.at(-1)?.headers.range).toBeUndefined();
    expect(await parts()).toHaveLength(8);
  });
});

describe('a bundle that several want', () => {
  it('is downloaded once, and the others wait for it', async () => {
    const { obtain, seen } = await setUp(serve({ afterMs: 100 }));
    const types: string[] = [];
    const all = await Promise.all(Array.from({ length: 5 }, () => obtain((event) => types.push(event.type))));
    expect(seen).toHaveLength(1);
    expect(all.filter(({ fromCache }) => fromCache)).toHaveLength(4);
    expect(types.filter((type) => type === 'download.waiting')).toHaveLength(4);
  });

  it('is downloaded by the next when the first fails', async () => {
    const { obtain, seen } = await setUp(serve({ cuts: 1 }));
    const results = await Promise.allSettled([obtain(), obtain(), obtain()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(seen).toHaveLength(2);
  });

  it('is not waited for any more when the wait is cancelled', async () => {
    const { obtain, cache } = await setUp(serve());
    const claim = await cache.claimBlob(BLOB_DIGEST, { sizeBytes: 1 });
    const abort = new AbortController();
    const waiting = obtain(() => {
      abort.abort();
    }, abort.signal);
    await failure(waiting, 'operation.cancelled');
    if (claim.blob === undefined) await claim.release({ keepPart: false });
    await obtain();
  });

  it('is not waited for when the process that downloads it was killed', async () => {
    const { obtain, dir, seen, partial } = await setUp(serve());
    const child = startChild('./hold-claim.ts', [dir, BLOB_DIGEST]);
    while (child.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill();
    await child.ended;
    expect(await readdir(partial)).toHaveLength(1);
    await obtain();
    expect(seen).toHaveLength(1);
    expect(await readdir(partial)).toEqual([]);
  });

  it('is not waited for when its holder, of another machine, has not been heard of for long', async () => {
    const { obtain, partial } = await setUp(serve());
    await mkdir(partial, { recursive: true });
    const lease = join(partial, `${HEX}.lease.000000007`);
    await writeFile(lease, '1 elsewhere\n');
    const types: string[] = [];
    const obtained = obtain((event) => types.push(event.type));
    while (!types.includes('download.waiting')) await new Promise((resolve) => setTimeout(resolve, 5));
    const old = new Date(Date.now() - 16_000);
    await utimes(lease, old, old);
    expect((await obtained).fromCache).toBe(false);
    expect(await readdir(partial)).toEqual([]);
  });
});
