import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteOldEvents } from '../../src/db/cleanup-queries.js';
import { insertingEvents, numberEvents } from '../../src/db/event-queries.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call, callJson, openNamespace, publish } from '../support/upload.js';

let registry: TestRegistry;

beforeAll(async () => {
  registry = await startTestRegistry();
});
afterAll(() => registry.close());

interface Page {
  readonly events: readonly { readonly id: string; readonly logIndex: number; readonly topic: string }[];
  readonly next: string;
  readonly more: boolean;
}

async function page(query: string, token?: string): Promise<Page> {
  const answer = await call(registry, `/v1/events?${query}`, token === undefined ? {} : { token });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.json));
  return answer.json as unknown as Page;
}

/** Reads on from a cursor until there is nothing more. */
async function readAll(query: string, after = '0', token?: string): Promise<Page['events']> {
  const events: Page['events'][number][] = [];
  for (let next = after; ;) {
    const { events: some, next: then, more } = await page(`${query}&after=${next}`, token);
    events.push(...some);
    next = then;
    if (!more) return events;
  }
}

let nextIndex = 1_000_000;
/** An event in a transaction of its own that stays open for a while: ids are given long before it commits. */
function writeSlowly(realm: string, holdMs: number, namespace = realm): Promise<number> {
  const logIndex = nextIndex++;
  return registry.db.transaction().execute(async (trx) => {
    await insertingEvents([
      { topic: 'namespace.created', detail: {}, realm, logIndex, namespace, at: new Date() },
    ]).execute(trx);
    await sleep(holdMs);
    return logIndex;
  });
}

describe('the feed of events', () => {
  it('tells what the log has confirmed, with its place in the log', async () => {
    await openNamespace(registry);
    await publish(registry, { version: '1.0.0' });
    await callJson(registry, 'PUT', '/v1/workflows/acme/deploy/1.0.0/deprecate', { reason: 'old' });
    const events = await readAll('limit=2');
    expect(events.map(({ topic }) => topic)).toEqual([
      'namespace.created',
      'key.added',
      'workflow.published',
      'release.deprecated',
    ]);
    expect(events.map(({ logIndex }) => logIndex)).toEqual([0, 1, 2, 3]);
    expect(events[3]).toMatchObject({
      realm: 'public',
      namespace: 'acme',
      name: 'deploy',
      version: '1.0.0',
      reason: 'old',
    });
  });

  it('can be narrowed to a namespace and to topics', async () => {
    await openNamespace(registry, 'other');
    const some = await readAll('namespace=acme&topic=workflow.published&topic=release.deprecated');
    expect(some.map(({ topic }) => topic)).toEqual(['workflow.published', 'release.deprecated']);
    expect(await readAll('namespace=nobody')).toEqual([]);
  });

  it('shows what is private to members alone, and strangers no gap that they could see', async () => {
    await callJson(registry, 'POST', '/v1/namespaces', { name: 'hidden', visibility: 'private' });
    expect(await readAll('namespace=hidden')).toEqual([]);
    expect(await readAll('namespace=hidden', '0', registry.ownerToken)).toHaveLength(1);
    expect(await readAll('namespace=hidden', '0', await registry.addUser('nobody'))).toEqual([]);
  });

  it.each([
    ['after=x', 'after'],
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['wait=31', 'wait'],
    ['topic=nothing', 'topic'],
    ['page=2', 'page'],
    ['after=1&after=2', 'after'],
  ])('refuses %s', async (query, name) => {
    const answer = await call(registry, `/v1/events?${query}`);
    expect([answer.status, answer.json['code']]).toEqual([400, 'request.invalid']);
    expect(JSON.stringify(answer.json['errors'])).toContain(name);
  });

  it('loses nothing and tells nothing twice, to readers that follow many writers who commit in any order', async () => {
    const start = (await numberEvents(registry.db)).numbered;
    const WRITERS = 8;
    const EACH = 30;
    let isWriting = true;
    const tail = async (limit: number) => {
      const seen: string[] = [];
      const indexes: number[] = [];
      for (let next = String(start), isLast = false; ;) {
        const { events, next: then, more } = await page(`limit=${limit}&after=${next}`, registry.ownerToken);
        seen.push(...events.map(({ id }) => id));
        indexes.push(...events.map(({ logIndex }) => logIndex));
        next = then;
        if (isLast && !more) return { seen, indexes };
        // One more round after the last writer has ended.
        isLast = !isWriting && !more;
      }
    };
    const readers = Promise.all([tail(1000), tail(7), tail(1)]);
    const written = await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        const indexes: number[] = [];
        for (let i = 0; i < EACH; i += 1)
          indexes.push(await writeSlowly(writer % 2 === 0 ? 'public' : 'hidden', Math.random() * 40, 'acme'));
        return indexes;
      }),
    );
    isWriting = false;
    const expected = written.flat().sort((a, b) => a - b);
    for (const { seen, indexes } of await readers) {
      expect([...indexes].sort((a, b) => a - b)).toEqual(expected);
      expect(seen.map(Number)).toEqual(seen.map(Number).sort((a, b) => a - b));
      expect(new Set(seen).size).toBe(WRITERS * EACH);
    }
  }, 60_000);

  it('keeps somebody waiting until there is an event, and no longer', async () => {
    const { next } = await page('after=0&limit=1000');
    const before = Date.now();
    const waiting = page(`after=${next}&wait=30`);
    await sleep(300);
    await openNamespace(registry, 'later');
    const { events } = await waiting;
    expect(events[0]).toMatchObject({ topic: 'namespace.created', namespace: 'later' });
    expect(Date.now() - before).toBeLessThan(25_000);
  });

  it('answers with nothing when nothing happens in time', async () => {
    const { next } = await page('after=0&limit=1000');
    const before = Date.now();
    const { events, next: then } = await page(`after=${next}&wait=1`);
    expect([events, then]).toEqual([[], next]);
    expect(Date.now() - before).toBeGreaterThanOrEqual(950);
  });

  it('lets those who wait go when the service stops', async () => {
    const other = await startTestRegistry();
    const waiting = call(other, '/v1/events?wait=30');
    await sleep(300);
    const before = Date.now();
    await other.deps.events.close();
    expect((await waiting).status).toBe(200);
    expect(Date.now() - before).toBeLessThan(25_000);
    await other.close();
  });

  it('tells a reader whose cursor it does not hold any more', async () => {
    const { next } = await page('after=0&limit=3');
    await sql`update events set at = now() - interval '400 days' where position <= 5`.execute(registry.db);
    await registry.db.updateTable('event_feed').set({ relayed: 5 }).execute();
    expect(await deleteOldEvents(registry.db, 365)).toBe(5);
    const gone = await call(registry, `/v1/events?after=${next}`);
    expect([gone.status, gone.json['code']]).toEqual([410, 'events.cursor_unknown']);
    const ahead = await call(registry, '/v1/events?after=999999999');
    expect([ahead.status, ahead.json['code']]).toEqual([410, 'events.cursor_unknown']);
    expect((await page('after=0&limit=1')).events[0]?.id).toBe('6');
    expect((await page('after=5&limit=1')).events[0]?.id).toBe('6');
  });
});
