import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deleteOldDeliveries } from '../../src/db/cleanup-queries.js';
import { networksOf } from '../../src/domain/webhooks/addresses.js';
import { MAX_ATTEMPTS } from '../../src/domain/webhooks/pace.js';
import { noMetrics } from '../../src/observability/metrics.js';
import { deliverJob } from '../../src/jobs/webhooks/deliver.js';
import { relayJob } from '../../src/jobs/webhooks/relay.js';
import { createWebhookSender, type WebhookSender } from '../../src/jobs/webhooks/sender.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call, callJson, openNamespace, publish, type Answer } from '../support/upload.js';
import { isGenuine, startReceiver, type Receiver } from './receiver.js';

const LOOPBACK = networksOf(['127.0.0.0/8']);
const signal = new AbortController().signal;

let registry: TestRegistry;
let receiver: Receiver;
let sender: WebhookSender;
let outcomes: string[];

beforeEach(async () => {
  registry = await startTestRegistry({ webhookNetworks: LOOPBACK });
  receiver = await startReceiver();
  sender = createWebhookSender({ allow: LOOPBACK, now: () => Date.now(), timeoutMs: 30_000 });
  outcomes = [];
  await openNamespace(registry);
});
afterEach(async () => {
  await sender.close();
  await receiver.close();
  await registry.close();
});

/** From here on nobody waits longer than a second for an answer. */
async function loseThePatience(): Promise<void> {
  await sender.close();
  sender = createWebhookSender({ allow: LOOPBACK, now: () => Date.now(), timeoutMs: 1_000 });
}

/** What the jobs do in one run. */
async function work(): Promise<void> {
  const { db } = registry;
  await relayJob({ db, handedOn: () => undefined }).run(signal);
  await deliverJob({
    db,
    send: sender.send,
    metrics: { ...noMetrics, webhook: (outcome) => outcomes.push(outcome) },
    log: pino({ level: 'silent' }),
    now: () => Date.now(),
    elapsedMs: () => performance.now(),
    random: () => 0.5,
  }).run(signal);
}

/** Lets the time of every wait be over. */
async function skipWaits(): Promise<void> {
  await sql`update webhook_deliveries set next_at = now() where state = 'pending'`.execute(registry.db);
  await sql`update webhooks set paused_until = null`.execute(registry.db);
}

async function create(request: object = {}, token?: string): Promise<Answer> {
  return callJson(
    registry,
    'POST',
    '/v1/webhooks',
    { namespace: 'acme', url: receiver.url, ...request },
    token,
  );
}

const get = (path: string) => call(registry, path, { token: registry.ownerToken });
const idOf = (answer: Answer) => String(answer.json['id']);

interface DeliveryList {
  readonly deliveries: readonly {
    readonly id: string;
    readonly state: string;
    readonly attempts: number;
    readonly status?: number;
    readonly error?: string;
    readonly response?: string;
    readonly topic: string;
  }[];
}
async function deliveriesOf(webhook: Answer, query = ''): Promise<DeliveryList['deliveries']> {
  const answer = await get(`/v1/webhooks/${idOf(webhook)}/deliveries${query}`);
  return (answer.json as unknown as DeliveryList).deliveries;
}

describe('a webhook', () => {
  it('gets each event of its namespace once, signed, as the feed has it', async () => {
    const created = await create();
    expect(created.status).toBe(201);
    await publish(registry, { version: '1.0.0' });
    await openNamespace(registry, 'other');
    await work();
    await work();
    expect(receiver.received).toHaveLength(1);
    const [request] = receiver.received;
    if (!request) throw new Error('nothing was received');
    expect(request.contentType).toBe('application/json');
    expect(isGenuine(request, String(created.json['secret']))).toBe(true);
    expect(isGenuine({ ...request, body: `${request.body} ` }, String(created.json['secret']))).toBe(false);
    const events = (await get('/v1/events?topic=workflow.published')).json['events'] as object[];
    expect(JSON.parse(request.body)).toEqual(events[0]);
    expect(await deliveriesOf(created)).toMatchObject([
      { id: request.id, state: 'delivered', attempts: 1, status: 204, topic: 'workflow.published' },
    ]);
    expect(outcomes).toEqual(['delivered']);
  });

  it('that takes some topics gets no others, and one for all namespaces gets those of all', async () => {
    await create({ topics: ['release.yanked'] });
    const all = await callJson(registry, 'POST', '/v1/webhooks', { url: receiver.url });
    await publish(registry, { version: '1.0.0' });
    const yank = await callJson(registry, 'PUT', '/v1/workflows/acme/deploy/1.0.0/yank', {
      reason: 'broken',
    });
    expect(yank.json).toMatchObject({ state: 'yanked' });
    await openNamespace(registry, 'other');
    await work();
    const topics = receiver.received.map(({ body }) => (JSON.parse(body) as { topic: string }).topic);
    expect(topics.filter((topic) => topic === 'release.yanked')).toHaveLength(2);
    expect(await deliveriesOf(all)).toHaveLength(4);
  });

  it('is signed with both secrets for a day after the rotation, and with the new one after that', async () => {
    const created = await create();
    const rotated = await callJson(registry, 'POST', `/v1/webhooks/${idOf(created)}/secret`, {});
    const secrets = [String(created.json['secret']), String(rotated.json['secret'])] as const;
    await publish(registry, { version: '1.0.0' });
    await work();
    await sql`update webhooks set old_secret_until = now()`.execute(registry.db);
    await publish(registry, { version: '1.1.0' });
    await work();
    const [during, after] = receiver.received;
    if (!during || !after) throw new Error('nothing was received');
    expect(secrets.map((secret) => isGenuine(during, secret))).toEqual([true, true]);
    expect(secrets.map((secret) => isGenuine(after, secret))).toEqual([false, true]);
    expect(JSON.stringify((await get(`/v1/webhooks/${idOf(created)}`)).json)).not.toContain('whsec_');
  });

  it('that fails is tried again with the same id, until it takes the event', async () => {
    const created = await create();
    let failures = 3;
    receiver.answer((_request, response) => {
      if (failures > 0) response.writeHead(500).end('x'.repeat(5_000));
      else response.writeHead(200).end('thanks');
      failures -= 1;
    });
    await publish(registry, { version: '1.0.0' });
    await work();
    expect(receiver.received).toHaveLength(1);
    // Nothing is sent before its time.
    await work();
    expect(receiver.received).toHaveLength(1);
    expect(await deliveriesOf(created, '?state=pending')).toMatchObject([
      { attempts: 1, status: 500, error: 'the endpoint answered 500', response: 'x'.repeat(1024) },
    ]);
    for (let i = 0; i < 3; i += 1) {
      await skipWaits();
      await work();
    }
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    expect(await deliveriesOf(created)).toMatchObject([
      { state: 'delivered', attempts: 4, response: 'thanks' },
    ]);
    expect((await get(`/v1/webhooks/${idOf(created)}`)).json).not.toHaveProperty('failingSince');
  });

  it('that never takes an event leaves it dead, to be sent again by hand', async () => {
    const created = await create();
    receiver.answer((_request, response) => response.writeHead(503).end());
    await publish(registry, { version: '1.0.0' });
    for (let i = 0; i < MAX_ATTEMPTS + 2; i += 1) {
      await work();
      await skipWaits();
    }
    expect(receiver.received).toHaveLength(MAX_ATTEMPTS);
    const [dead] = await deliveriesOf(created, '?state=dead');
    expect(dead).toMatchObject({ state: 'dead', attempts: MAX_ATTEMPTS });
    receiver.answer((_request, response) => response.writeHead(204).end());
    const path = `/v1/webhooks/${idOf(created)}/deliveries/${dead?.id ?? ''}/redeliver`;
    expect((await callJson(registry, 'POST', path, {})).status).toBe(202);
    await skipWaits();
    await work();
    expect(await deliveriesOf(created)).toMatchObject([{ id: dead?.id, state: 'delivered', attempts: 1 }]);
    expect(outcomes.filter((outcome) => outcome === 'dead')).toHaveLength(1);
  });

  it('that says that it is gone is stopped, and can be started again', async () => {
    const created = await create();
    receiver.answer((_request, response) => response.writeHead(410).end());
    await publish(registry, { version: '1.0.0' });
    await work();
    expect((await get(`/v1/webhooks/${idOf(created)}`)).json).toMatchObject({
      enabled: false,
      note: 'the endpoint answered 410 Gone',
    });
    await publish(registry, { version: '1.1.0' });
    await skipWaits();
    await work();
    expect(receiver.received).toHaveLength(1);
    receiver.answer((_request, response) => response.writeHead(204).end());
    await callJson(registry, 'PATCH', `/v1/webhooks/${idOf(created)}`, { enabled: true });
    await publish(registry, { version: '1.2.0' });
    await work();
    expect(receiver.received.map(({ body }) => (JSON.parse(body) as { version: string }).version)).toEqual([
      '1.0.0',
      '1.2.0',
    ]);
    const stopped = await get('/v1/audit?action=webhook.disable');
    expect(stopped.json['records']).toMatchObject([
      { namespace: 'acme', detail: { webhook: idOf(created) } },
    ]);
  });

  it('that has failed for days is stopped with a note', async () => {
    const created = await create();
    receiver.answer((_request, response) => response.writeHead(500).end());
    await publish(registry, { version: '1.0.0' });
    await work();
    await sql`update webhooks set failing_since = now() - interval '6 days'`.execute(registry.db);
    await skipWaits();
    await work();
    expect((await get(`/v1/webhooks/${idOf(created)}`)).json).toMatchObject({
      enabled: false,
      note: 'every delivery has failed for 5 days',
    });
  });

  it('is sent to one message at a time, while a slow one holds up nobody else', async () => {
    const slow = await startReceiver();
    slow.answer((_request, response) => void setTimeout(() => response.writeHead(204).end(), 400));
    await create();
    await create({ url: slow.url });
    for (let i = 0; i < 4; i += 1) await publish(registry, { version: `1.${i}.0` });
    await work();
    expect([receiver.mostAtOnce(), slow.mostAtOnce()]).toEqual([1, 1]);
    expect([receiver.received.length, slow.received.length]).toEqual([4, 4]);
    const last = (who: Receiver) => who.received.at(-1)?.atMs ?? 0;
    expect(last(receiver)).toBeLessThan(last(slow));
    await slow.close();
  });

  it('of one namespace, though many are slow, leaves those of others their turn', async () => {
    const slow = await startReceiver();
    slow.answer((_request, response) => void setTimeout(() => response.writeHead(204).end(), 300));
    await openNamespace(registry, 'other');
    for (let i = 0; i < 20; i += 1) await create({ url: `${slow.url}/${i}` });
    await publish(registry, { version: '1.0.0' });
    await create({ namespace: 'other' });
    await publish(registry, { namespace: 'other', version: '1.0.0' });
    await work();
    expect([slow.received.length, receiver.received.length]).toEqual([20, 1]);
    expect(slow.mostAtOnce()).toBe(4);
    expect(receiver.received[0]?.atMs).toBeLessThan(slow.received[4]?.atMs ?? 0);
    await slow.close();
  });

  it('that does not answer, or without an end, is left in time', async () => {
    const created = await create();
    await loseThePatience();
    receiver.answer(() => undefined);
    await publish(registry, { version: '1.0.0' });
    await work();
    expect(await deliveriesOf(created)).toMatchObject([
      { state: 'pending', error: 'the endpoint did not answer in time' },
    ]);
    receiver.answer((_request, response) => {
      response.writeHead(200);
      const pour = () => {
        while (response.writable && response.write('y'.repeat(65_536)));
        response.once('drain', pour);
      };
      pour();
    });
    await skipWaits();
    await work();
    expect(await deliveriesOf(created)).toMatchObject([{ state: 'delivered', response: 'y'.repeat(1024) }]);
  });

  it('that sends elsewhere is not followed', async () => {
    const other = await startReceiver();
    const created = await create();
    receiver.answer((_request, response) => response.writeHead(302, { Location: other.url }).end());
    await publish(registry, { version: '1.0.0' });
    await work();
    expect(other.received).toEqual([]);
    expect(await deliveriesOf(created)).toMatchObject([{ state: 'pending', status: 302 }]);
    await other.close();
  });

  it('is not sent to at an address that it may not be at, also when a name led there later', async () => {
    const created = await create({ url: 'https://hooks.example.com/x' });
    await sender.close();
    const { port } = new URL(receiver.url);
    const lookups: string[] = [];
    sender = createWebhookSender({
      allow: networksOf(['10.0.0.0/8']),
      now: () => Date.now(),
      lookup: (hostname, _options, done) => {
        lookups.push(hostname);
        done(null, [
          { address: '93.184.216.34', family: 4 },
          { address: '127.0.0.1', family: 4 },
        ]);
      },
    });
    const urls = [
      `http://rebound.example.com:${port}/`,
      `https://rebound.example.com:${port}/`,
      `http://127.0.0.1:${port}/`,
      `https://[::1]:${port}/`,
      `https://[::ffff:127.0.0.1]:${port}/`,
      `http://2130706433:${port}/`,
    ];
    for (const url of urls) {
      await registry.db.updateTable('webhooks').set({ url }).execute();
      await publish(registry, { version: `1.${urls.indexOf(url)}.0` });
      await skipWaits();
      await work();
    }
    expect(receiver.received).toEqual([]);
    expect(lookups.length).toBeGreaterThan(0);
    expect(outcomes).toEqual(urls.map(() => 'refused'));
    const tried = (await deliveriesOf(created)).filter(({ attempts }) => attempts > 0);
    for (const { error } of tried) expect(error).toBe('nothing is sent to where the endpoint is');
  });

  it('is sent to again when the process was killed before it could write down that it had', async () => {
    const created = await create();
    await publish(registry, { version: '1.0.0' });
    await relayJob({ db: registry.db, handedOn: () => undefined }).run(signal);
    let isKilled = true;
    const send: typeof sender.send = async (request) => {
      const answer = await sender.send(request);
      if (isKilled) await sql`alter table webhook_deliveries rename to hidden`.execute(registry.db);
      return answer;
    };
    const job = deliverJob({
      db: registry.db,
      send,
      metrics: noMetrics,
      log: pino({ level: 'silent' }),
      now: () => Date.now(),
      elapsedMs: () => performance.now(),
      random: () => 0.5,
    });
    await expect(job.run(signal)).rejects.toThrow('webhook_deliveries');
    await sql`alter table hidden rename to webhook_deliveries`.execute(registry.db);
    isKilled = false;
    await job.run(signal);
    expect(receiver.received).toHaveLength(2);
    expect(receiver.received[0]?.id).toBe(receiver.received[1]?.id);
    expect(await deliveriesOf(created)).toMatchObject([{ state: 'delivered' }]);
  });

  it('is what two processes at once deliver only once', async () => {
    await create();
    await publish(registry, { version: '1.0.0' });
    const { db } = registry;
    const relay = () => relayJob({ db, handedOn: () => undefined }).run(signal);
    await Promise.all([relay(), relay(), relay()]);
    const { n } = await db
      .selectFrom('webhook_deliveries')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow();
    expect(n).toBe(1);
  });

  it('whose deliveries are old is rid of them, but of none that waits', async () => {
    const created = await create();
    await publish(registry, { version: '1.0.0' });
    await work();
    receiver.answer((_request, response) => response.writeHead(500).end());
    await publish(registry, { version: '1.1.0' });
    await work();
    await sql`update webhook_deliveries set finished_at = now() - interval '31 days' where finished_at is not null`.execute(
      registry.db,
    );
    expect(await deleteOldDeliveries(registry.db, 30)).toBe(1);
    expect(await deliveriesOf(created)).toMatchObject([{ state: 'pending' }]);
  });
});

describe('the webhooks of a namespace', () => {
  it('are for its owners, and those for all namespaces for administrators', async () => {
    const created = await create();
    const stranger = await registry.addUser('stranger');
    expect((await create({}, stranger)).json['code']).toBe('auth.role_missing');
    const path = `/v1/webhooks/${idOf(created)}`;
    expect((await call(registry, path, { token: stranger })).json['code']).toBe('auth.role_missing');
    expect((await call(registry, path)).json['code']).toBe('auth.required');
    const all = await callJson(registry, 'POST', '/v1/webhooks', { url: receiver.url }, stranger);
    expect(all.json['code']).toBe('auth.role_missing');
    await callJson(registry, 'POST', '/v1/namespaces', { name: 'hidden', visibility: 'private' });
    const hidden = await create({ namespace: 'hidden' });
    const seen = await call(registry, `/v1/webhooks/${idOf(hidden)}`, { token: stranger });
    expect([seen.status, seen.json['code']]).toEqual([404, 'webhook.not_found']);
    expect((await create({ namespace: 'hidden' }, stranger)).json['code']).toBe('namespace.not_found');
    expect((await create({ namespace: 'nobody' }, stranger)).json['code']).toBe('namespace.not_found');
  });

  it.each([
    [{ url: 'http://10.0.0.1/' }, 'webhook.url_refused'],
    [{ url: 'https://169.254.169.254/' }, 'webhook.url_refused'],
    [{ url: 'ftp://example.com/' }, 'webhook.url_refused'],
    [{ url: '' }, 'request.invalid'],
    [{ topics: ['no.such'] }, 'request.invalid'],
    [{ topics: ['release.yanked', 'release.yanked'] }, 'request.invalid'],
    [{ secret: 'mine' }, 'request.invalid'],
  ])('are not made of %j', async (request, code) => {
    expect((await create(request)).json['code']).toBe(code);
    expect((await get('/v1/webhooks?namespace=acme')).json['webhooks']).toEqual([]);
  });

  it('are 20 at most, are listed in pages, changed and removed, and all of it is audited', async () => {
    const answers = await Promise.all(Array.from({ length: 25 }, () => create()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(answers.filter(({ json }) => json['code'] === 'webhook.limit')).toHaveLength(5);
    const first = await get('/v1/webhooks?namespace=acme&limit=15');
    const rest = await get(`/v1/webhooks?namespace=acme&limit=15&cursor=${String(first.json['nextCursor'])}`);
    const webhooks = [first, rest].flatMap(({ json }) => json['webhooks'] as { id: string }[]);
    expect(new Set(webhooks.map(({ id }) => id)).size).toBe(20);
    expect(rest.json).not.toHaveProperty('nextCursor');
    const path = `/v1/webhooks/${webhooks[0]?.id ?? ''}`;
    const changed = await callJson(registry, 'PATCH', path, { topics: ['key.added'], enabled: false });
    expect(changed.json).toMatchObject({
      topics: ['key.added'],
      enabled: false,
      note: 'it was switched off',
    });
    expect((await call(registry, path, { method: 'DELETE', token: registry.ownerToken })).status).toBe(204);
    expect((await get(path)).json['code']).toBe('webhook.not_found');
    const audit = (await get('/v1/audit?namespace=acme&limit=1000')).json['records'] as { action: string }[];
    const actions = audit.map(({ action }) => action).filter((action) => action.startsWith('webhook.'));
    expect(actions.slice(0, 2)).toEqual(['webhook.delete', 'webhook.change']);
    expect(actions.filter((action) => action === 'webhook.create')).toHaveLength(20);
  });

  it('wait for nobody who has no time: a slow answer is cut off', async () => {
    const created = await create();
    await loseThePatience();
    receiver.answer((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 50);
      response.on('close', () => {
        clearInterval(timer);
      });
    });
    await publish(registry, { version: '1.0.0' });
    await work();
    expect(await deliveriesOf(created)).toMatchObject([
      { state: 'pending', error: 'the endpoint did not answer in time' },
    ]);
    expect(receiver.received).toHaveLength(1);
  });
});
