import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { connectDatabase } from '../src/db/connection.js';
import { createUploadBudget } from '../src/domain/publish/upload-budget.js';
import type { ObjectStore } from '../src/objects/port.js';
import { queueLeaf } from './support/queue-leaf.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import { buildUpload, call, callJson, definitionOf, openNamespace, publish, send } from './support/upload.js';

/** What a stranger or a bad day may do must not stop the service for everybody else. */
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
});
afterAll(() => registry.close());

describe('the log', () => {
  test('is not held up by a workflow whose text is as long and odd as the limits allow', async () => {
    const word = (i: number) =>
      `${String.fromCodePoint(0x4e00 + (i % 20_000)).repeat(4)}-${String.fromCodePoint(0x5e00 + (i % 9_000)).repeat(4)} `;
    const text = (length: number, seed: number) => {
      let made = '';
      for (let i = seed; made.length < length; i += 1) made += word(i * 7);
      return made.slice(0, length).trimEnd();
    };
    const parameters = Array.from(
      { length: 99 },
      (_, i) =>
        `[parameters.p${i}]\ntype = "string"\ndefault = "x"\ndescription = "${text(450, i * 1000)}"\n`,
    );
    const definition = `${definitionOf({ name: 'heavy' })}\n${parameters.join('\n')}`;
    const readme = { path: 'README.md', bytes: new TextEncoder().encode(text(90_000, 5)), executable: false };
    const heavy = await publish(registry, { name: 'heavy', definition, readme });
    expect([heavy.status, heavy.json['errors']]).toEqual([201, undefined]);
    expect((await publish(registry, { name: 'light' })).status).toBe(201);
  });

  test('goes on past a leaf that cannot be placed, which keeps its place in the queue', async () => {
    const audit = await registry.db.selectFrom('audit').select('id').executeTakeFirstOrThrow();
    await registry.db
      .insertInto('log_queue')
      .values({
        realm: 'public',
        namespace: 'acme',
        leaf: JSON.stringify({ type: 'ns.create', ns: 'NOT A NAME' }) as never,
        subject_kind: 'namespace',
        subject_id: 0,
        audit_id: audit.id,
      })
      .execute();
    const answers = await Promise.all(
      ['1.0.0', '1.0.1', '1.0.2'].map((version) => publish(registry, { name: 'past', version })),
    );
    expect(answers.map((a) => a.status)).toEqual([201, 201, 201]);
    // So does what waits in the queue behind it.
    await queueLeaf(registry);
    await registry.deps.logs.get('public').sequencer.settle();
    const left = await registry.db.selectFrom('log_queue').select('attempts').execute();
    expect(left.length).toBe(1);
    expect(left[0]?.attempts).toBeGreaterThan(0);
    await registry.db.deleteFrom('log_queue').execute();
  });
});

test('connections that the database cuts are replaced, and nobody notices for longer than a moment', async () => {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(registry.db);
  // A connection of its own: one out of the pool may have been cut before.
  const url = inject('databaseUrl').replace(/\/template$/, '/postgres');
  const outside = connectDatabase({ url, maxConnections: 1, onConnectionError: () => undefined });
  const cut = sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${rows[0]?.name}`;
  const publishing = Array.from({ length: 12 }, (_, i) =>
    publish(registry, { name: 'cut', version: `1.0.${i}` }),
  );
  for (let i = 0; i < 4; i += 1) {
    await cut.execute(outside);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  await outside.destroy();
  for (const { status, json } of await Promise.all(publishing)) {
    if (status !== 201) expect([status, json['code']]).toEqual([503, expect.stringMatching(/^service\./)]);
  }
  for (let i = 0; i < 12; i += 1) {
    const again = await publish(registry, { name: 'cut', version: `1.0.${i}` });
    expect([200, 201]).toContain(again.status);
  }
  const { json } = await call(registry, '/v1/workflows/acme/cut');
  expect(json['versions']).toHaveLength(12);
});

describe('a download', () => {
  let reads: { start: number; end: number }[] = [];
  let counting: TestRegistry;
  let path: string;
  let blob: Uint8Array;
  beforeAll(async () => {
    counting = await startTestRegistry();
    await openNamespace(counting);
    const { objects } = counting.deps;
    const getRange = objects.getRange.bind(objects);
    const watched: Pick<ObjectStore, 'getRange'> = {
      getRange: (key, start, end, options) => {
        reads.push({ start, end });
        return getRange(key, start, end, options);
      },
    };
    Object.assign(objects, watched);
    const readme = { path: 'README.md', bytes: randomBytes(9_000_000), executable: false };
    const upload = await buildUpload(counting, { name: 'large', readme });
    blob = upload.blob;
    expect((await send(counting, upload)).status).toBe(201);
    path = '/v1/workflows/acme/large/1.0.0/download';
  });
  afterAll(() => counting.close());
  beforeEach(() => {
    reads = [];
  });

  test('that is large is read in windows, none larger than 1 MiB, and arrives whole', async () => {
    const answer = await call(counting, path);
    expect(answer.bytes.equals(Buffer.from(blob))).toBe(true);
    expect(answer.headers.get('content-length')).toBe(String(blob.length));
    expect(reads.length).toBeGreaterThan(3);
    expect(Math.max(...reads.map((r) => r.end - r.start + 1))).toBeLessThanOrEqual(1024 * 1024);
  });

  test('of a part reads that part only', async () => {
    const answer = await call(counting, path, { headers: { Range: 'bytes=2000000-2000009' } });
    expect(answer.bytes.equals(Buffer.from(blob.subarray(2_000_000, 2_000_010)))).toBe(true);
    expect(reads).toEqual([{ start: 2_000_000, end: 2_000_009 }]);
  });

  test('that is not needed reads nothing', async () => {
    const head = await call(counting, path, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(blob.length));
    const known = await call(counting, path, {
      headers: { 'If-None-Match': head.headers.get('etag') ?? '' },
    });
    expect(known.status).toBe(304);
    expect(reads).toEqual([]);
  });
});

describe('an upload', () => {
  test('is not even read from somebody who could publish nothing', async () => {
    const reader = await registry.addUser('reader-only');
    const body = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(Buffer.alloc(1024));
      },
    });
    const answer = await call(registry, '/v1/workflows', {
      method: 'POST',
      token: reader,
      body,
      headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
      // Only Node knows of it.
      ...{ duplex: 'half' },
    });
    expect([answer.status, answer.json['code']]).toEqual([403, 'auth.role_missing']);
  });

  test('takes a share of the memory at most, so that one person leaves room for others', async () => {
    const budget = createUploadBudget(1000);
    const take = (account: string, bytes: number) =>
      budget.spend(account, (arrived) => {
        arrived(bytes);
        return Promise.resolve('in');
      });
    const hold = (account: string, bytes: number) =>
      void budget.spend(account, (arrived) => {
        arrived(bytes);
        return new Promise<void>(() => undefined);
      });
    hold('user:1', 200);
    await expect(take('user:1', 100)).rejects.toMatchObject({ code: 'service.busy' });
    expect([await take('user:1', 50), await take('user:1', 50)]).toEqual(['in', 'in']);
    // However many take all they can, something is left.
    for (const [account, bytes] of Object.entries({ 2: 250, 3: 250, 4: 150, 5: 70 })) hold(account, bytes);
    await expect(take('user:6', 41)).rejects.toMatchObject({ code: 'service.busy' });
    expect(await take('user:6', 40)).toBe('in');
  });

  test('of which nothing has arrived takes nothing', async () => {
    const budget = createUploadBudget(1000);
    for (let i = 0; i < 50; i += 1) void budget.spend(`user:${i}`, () => new Promise<void>(() => undefined));
    await expect(
      budget.spend('user:50', (arrived) => {
        arrived(250);
        return Promise.resolve('in');
      }),
    ).resolves.toBe('in');
  });
});

test.each([
  ['a line break', 'one\ntwo'],
  ['an escape', '\u001b[2J'],
  ['NUL', 'a\0b'],
  ['half a surrogate pair', '\ud800'],
])('a reason with %s is a 400', async (_what, reason) => {
  const answer = await callJson(registry, 'PUT', '/v1/workflows/acme/light/1.0.0/deprecate', { reason });
  expect([answer.status, answer.json['code']]).toEqual([400, 'request.invalid']);
});

test.each([
  ['/v1/tokens/%00', 'DELETE', undefined, 204],
  ['/v1/tokens', 'POST', { name: 'a\0b' }, 400],
  ['/v1/tokens', 'POST', { name: '\u001b]0;x' }, 400],
  ['/v1/workflows/acme/light/1.0.0/deprecate', 'PUT', { reason: 'x', replacement: 'a/b@1.0.0@x y' }, 400],
])('%s %s with %j is answered, and not by a 500', async (path, method, body, status) => {
  const answer =
    body === undefined
      ? await call(registry, path, { method, token: registry.ownerToken })
      : await callJson(registry, method, path, body);
  expect(answer.status).toBe(status);
});
