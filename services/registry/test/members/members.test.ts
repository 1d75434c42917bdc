import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setSuspended } from '../../src/db/user-queries.js';
import { addMember } from '../support/members.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { callJson, type Answer } from '../support/upload.js';

let registry: TestRegistry;
const tokens = new Map<string, string>();

beforeAll(async () => {
  registry = await startTestRegistry();
  for (const name of ['ana', 'ben', 'cho', 'dee']) tokens.set(name, await registry.addUser(name));
  tokens.set('recovering', await tokenOf('ana', ['recovery']));
});
afterAll(() => registry.close());

let made = 0;

/** A namespace that ana owns. */
async function anas(visibility: 'public' | 'private' = 'public'): Promise<string> {
  made += 1;
  const name = `team-${made}`;
  expect((await as('ana', 'POST', '/v1/namespaces', { name, visibility })).status).toBe(201);
  return name;
}

function as(user: string, method: string, path: string, body?: unknown): Promise<Answer> {
  return callJson(registry, method, path, body, tokens.get(user) ?? '');
}

async function tokenOf(user: string, scopes: string[]): Promise<string> {
  const answer = await as(user, 'POST', '/v1/tokens', { name: 'for a test', scopes });
  return answer.json['token'] as string;
}

const told = ({ status, json }: Answer) => [status, json['code']];

async function invite(namespace: string, user: string, role: string): Promise<number> {
  const answer = await as('ana', 'POST', `/v1/namespaces/${namespace}/invitations`, { user, role });
  expect(answer.status).toBe(201);
  return answer.json['id'] as number;
}

async function join(namespace: string, user: string, role: string): Promise<void> {
  const id = await invite(namespace, user, role);
  expect((await as(user, 'POST', `/v1/invitations/${id}/accept`)).status).toBe(200);
}

const membersOf = async (namespace: string, user = 'ana') =>
  (await as(user, 'GET', `/v1/namespaces/${namespace}/members`)).json;

describe('an invitation', () => {
  test('of somebody who is suspended makes nobody a member, nor an owner', async () => {
    const ns = await anas();
    for (const name of ['eli', 'fay']) tokens.set(name, await registry.addUser(name));
    tokens.set('mallory', await registry.addUser('mallory-too', ['*', 'recovery']));
    await addMember(registry, { user: 'mallory-too', namespace: ns, role: 'owner' });
    const offered = [
      await as('mallory', 'POST', `/v1/namespaces/${ns}/invitations`, { user: 'eli', role: 'owner' }),
      await as('mallory', 'POST', `/v1/namespaces/${ns}/transfer`, { to: 'fay' }),
    ];
    expect(offered.map(({ status }) => status)).toEqual([201, 201]);
    await registry.db.transaction().execute((trx) => setSuspended(trx, 'mallory-too', new Date()));
    for (const [i, user] of ['eli', 'fay'].entries()) {
      const path = `/v1/invitations/${String(offered[i]?.json['id'])}/accept`;
      expect(told(await as(user, 'POST', path))).toEqual([404, 'invitation.not_found']);
    }
    const members = (await membersOf(ns))['members'] as { user: string }[];
    expect(members.map(({ user }) => user)).toEqual(['ana', 'mallory-too']);
  });

  test('makes a member of whoever accepts it, once', async () => {
    const ns = await anas();
    const id = await invite(ns, 'ben', 'publisher');
    expect((await as('ben', 'GET', '/v1/invitations')).json['invitations']).toMatchObject([
      { id, namespace: ns, user: 'ben', role: 'publisher', invitedBy: 'ana' },
    ]);
    expect((await membersOf(ns))['invitations']).toMatchObject([{ id, user: 'ben' }]);
    const accepted = await as('ben', 'POST', `/v1/invitations/${id}/accept`);
    expect([accepted.status, accepted.json]).toEqual([
      200,
      { name: ns, visibility: 'public', role: 'publisher' },
    ]);
    expect(await membersOf(ns)).toEqual({
      members: [
        { user: 'ana', role: 'owner' },
        { user: 'ben', role: 'publisher' },
      ],
      invitations: [],
    });
    expect(told(await as('ben', 'POST', `/v1/invitations/${id}/accept`))).toEqual([
      404,
      'invitation.not_found',
    ]);
    expect((await as('ben', 'GET', '/v1/namespaces')).json['namespaces']).toContainEqual({
      name: ns,
      visibility: 'public',
      role: 'publisher',
    });
  });

  test('is nobody else’s to accept, decline or see', async () => {
    const ns = await anas();
    const id = await invite(ns, 'ben', 'reader');
    expect(told(await as('cho', 'POST', `/v1/invitations/${id}/accept`))).toEqual([
      404,
      'invitation.not_found',
    ]);
    expect((await as('cho', 'DELETE', `/v1/invitations/${id}`)).status).toBe(204);
    expect((await as('cho', 'GET', '/v1/invitations')).json['invitations']).toEqual([]);
    expect((await membersOf(ns))['invitations']).toHaveLength(1);
  });

  test('that was declined, taken back or replaced cannot be accepted', async () => {
    const ns = await anas();
    const declined = await invite(ns, 'ben', 'reader');
    expect((await as('ben', 'DELETE', `/v1/invitations/${declined}`)).status).toBe(204);
    const withdrawn = await invite(ns, 'ben', 'reader');
    expect((await as('ana', 'DELETE', `/v1/namespaces/${ns}/invitations/${withdrawn}`)).status).toBe(204);
    const replaced = await invite(ns, 'ben', 'reader');
    await invite(ns, 'ben', 'publisher');
    for (const id of [declined, withdrawn, replaced])
      expect((await as('ben', 'POST', `/v1/invitations/${id}/accept`)).status).toBe(404);
    expect((await membersOf(ns))['members']).toHaveLength(1);
  });

  test('ends at its time', async () => {
    const ns = await anas();
    const id = await invite(ns, 'ben', 'reader');
    await registry.db
      .updateTable('invitations')
      .set({ expires_at: new Date(Date.now() - 1) })
      .where('id', '=', id)
      .execute();
    expect((await as('ben', 'GET', '/v1/invitations')).json['invitations']).not.toContainEqual(
      expect.objectContaining({ id }),
    );
    expect((await as('ben', 'POST', `/v1/invitations/${id}/accept`)).status).toBe(404);
  });

  test('of an owner who is one no more ends with that', async () => {
    const ns = await anas();
    await join(ns, 'ben', 'owner');
    const answer = await as('ben', 'POST', `/v1/namespaces/${ns}/invitations`, {
      user: 'cho',
      role: 'owner',
    });
    const id = answer.json['id'] as number;
    await as('ana', 'PUT', `/v1/namespaces/${ns}/members/ben`, { role: 'reader' });
    expect((await as('cho', 'POST', `/v1/invitations/${id}/accept`)).status).toBe(404);
  });

  test('goes to nobody who is a member, and to nobody who does not exist', async () => {
    const ns = await anas();
    await join(ns, 'ben', 'reader');
    const path = `/v1/namespaces/${ns}/invitations`;
    expect(told(await as('ana', 'POST', path, { user: 'ben', role: 'owner' }))).toEqual([
      409,
      'member.exists',
    ]);
    for (const user of ['nobody', 'b\0n', '../ben', 'x'.repeat(64)])
      expect(told(await as('ana', 'POST', path, { user, role: 'reader' }))).toEqual([404, 'user.not_found']);
    for (const body of [
      { user: 'cho' },
      { user: 'cho', role: 'king' },
      { user: 'cho', role: 'reader', x: 1 },
    ])
      expect(told(await as('ana', 'POST', path, body))).toEqual([400, 'request.invalid']);
  });
});

describe('members', () => {
  test('are changed and removed by owners alone; everybody may leave', async () => {
    const ns = await anas();
    await join(ns, 'ben', 'maintainer');
    await join(ns, 'cho', 'reader');
    const member = (user: string) => `/v1/namespaces/${ns}/members/${user}`;
    expect(told(await as('ben', 'PUT', member('cho'), { role: 'publisher' }))).toEqual([
      403,
      'auth.role_missing',
    ]);
    expect(told(await as('ben', 'DELETE', member('cho')))).toEqual([403, 'auth.role_missing']);
    expect(told(await as('ana', 'PUT', member('dee'), { role: 'reader' }))).toEqual([
      404,
      'member.not_found',
    ]);
    expect((await as('ana', 'PUT', member('cho'), { role: 'publisher' })).json).toEqual({
      user: 'cho',
      role: 'publisher',
    });
    expect((await as('cho', 'DELETE', member('cho'))).status).toBe(204);
    expect((await as('ana', 'DELETE', member('ben'))).status).toBe(204);
    expect((await as('ana', 'DELETE', member('ben'))).status).toBe(204);
    expect((await membersOf(ns))['members']).toEqual([{ user: 'ana', role: 'owner' }]);
  });

  test('a namespace is never without an owner, also when two leave at once', async () => {
    const ns = await anas();
    const member = (user: string) => `/v1/namespaces/${ns}/members/${user}`;
    expect(told(await as('ana', 'DELETE', member('ana')))).toEqual([409, 'member.last_owner']);
    expect(told(await as('ana', 'PUT', member('ana'), { role: 'reader' }))).toEqual([
      409,
      'member.last_owner',
    ]);
    await join(ns, 'ben', 'owner');
    const answers = await Promise.all([
      as('ana', 'DELETE', member('ana')),
      as('ben', 'DELETE', member('ben')),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
  });

  test('of a private namespace are nothing that a stranger learns of', async () => {
    const ns = await anas('private');
    const absent = 'no-such-team';
    const requests = (name: string): [string, string, unknown?][] => [
      ['GET', `/v1/namespaces/${name}/members`],
      ['PUT', `/v1/namespaces/${name}/members/ana`, { role: 'reader' }],
      ['DELETE', `/v1/namespaces/${name}/members/ana`],
      ['DELETE', `/v1/namespaces/${name}/members/ben`],
      ['POST', `/v1/namespaces/${name}/invitations`, { user: 'ben', role: 'owner' }],
      ['DELETE', `/v1/namespaces/${name}/invitations/1`],
      ['POST', `/v1/namespaces/${name}/transfer`, { to: 'ben' }],
    ];
    for (const [i, [method, path, body]] of requests(ns).entries()) {
      const there = await as('ben', method, path, body);
      const [, otherPath] = requests(absent)[i] ?? ['', ''];
      const nowhere = await as('ben', method, otherPath, body);
      const plain = (json: Record<string, unknown>) =>
        JSON.stringify({ ...json, requestId: '' }).replaceAll(ns, absent);
      expect([there.status, plain(there.json)]).toEqual([404, plain(nowhere.json)]);
    }
    // What creating it tells: that the name is taken, in the words of any other that is.
    const open = await anas();
    const [taken, other] = await Promise.all(
      [ns, open].map((name) => as('ben', 'POST', '/v1/namespaces', { name })),
    );
    expect(taken?.json['detail']).toBe((other?.json['detail'] as string).replace(open, ns));
  });
});

describe('a transfer', () => {
  const events = (ns: string) =>
    registry.db
      .selectFrom('audit')
      .select(['action', 'log_index', 'detail'])
      .where('namespace', '=', ns)
      .where('action', '=', 'namespace.transfer')
      .execute();

  test('takes a fresh sign-in, is accepted by the receiver, and is in the log', async () => {
    const ns = await anas();
    const path = `/v1/namespaces/${ns}/transfer`;
    expect(told(await as('ana', 'POST', path, { to: 'ben' }))).toEqual([403, 'auth.not_fresh']);
    expect(told(await as('recovering', 'POST', path, { to: 'ana' }))).toEqual([409, 'member.exists']);
    const offer = await as('recovering', 'POST', path, { to: 'ben' });
    expect([offer.status, offer.json]).toMatchObject([201, { transfer: true, role: 'owner', user: 'ben' }]);
    expect((await membersOf(ns))['members']).toEqual([{ user: 'ana', role: 'owner' }]);
    const accept = `/v1/invitations/${String(offer.json['id'])}/accept`;
    expect((await as('ben', 'POST', accept)).json).toMatchObject({ name: ns, role: 'owner' });
    expect((await membersOf(ns))['members']).toEqual([
      { user: 'ben', role: 'owner' },
      { user: 'ana', role: 'maintainer' },
    ]);
    const rows = await events(ns);
    expect(rows).toMatchObject([{ action: 'namespace.transfer', detail: { from: 'ana', to: 'ben' } }]);
    const leaf = await registry.db
      .selectFrom('log_leaves')
      .select('leaf')
      .where('realm', '=', 'public')
      .where('index', '=', rows[0]?.log_index ?? -1)
      .executeTakeFirstOrThrow();
    expect(JSON.parse(leaf.leaf.toString())).toMatchObject({ type: 'ns.transfer', ns });
    expect(leaf.leaf.toString()).not.toMatch(/ana|ben/);
    // Again is the same answer, and nothing more in the log.
    expect((await as('ben', 'POST', accept)).json).toMatchObject({ name: ns, role: 'owner' });
    expect(await events(ns)).toHaveLength(1);
  });

  test('stops the webhooks of the namespace, until the new owner starts them', async () => {
    const ns = await anas();
    const created = await as('ana', 'POST', '/v1/webhooks', { namespace: ns, url: 'https://example.com/' });
    const path = `/v1/webhooks/${String(created.json['id'])}`;
    const offer = await as('recovering', 'POST', `/v1/namespaces/${ns}/transfer`, { to: 'ben' });
    expect((await as('ana', 'GET', path)).json).toMatchObject({ enabled: true });
    await as('ben', 'POST', `/v1/invitations/${String(offer.json['id'])}/accept`);
    const reason = 'the namespace has another owner';
    expect((await as('ben', 'GET', path)).json).toMatchObject({ enabled: false, note: reason });
    const audited = await as('ben', 'GET', `/v1/audit?namespace=${ns}&action=webhook.disable`);
    expect(audited.json['records']).toMatchObject([{ actor: 'ben', detail: { reason } }]);
    expect(told(await as('ana', 'PATCH', path, { enabled: true }))).toEqual([403, 'auth.role_missing']);
    expect((await as('ben', 'PATCH', path, { enabled: true })).json).toMatchObject({ enabled: true });
  });

  test('stops what an owner has made or directed who is removed, and nothing of others', async () => {
    const ns = await anas();
    await addMember(registry, { user: 'ben', namespace: ns, role: 'owner' });
    const make = async (who: 'ana' | 'ben') =>
      `/v1/webhooks/${String((await as(who, 'POST', '/v1/webhooks', { namespace: ns, url: 'https://example.com/' })).json['id'])}`;
    const hers = await make('ana');
    const kept = [hers, await make('ana')];
    const stopped = [await make('ben'), await make('ana'), await make('ana'), await make('ana')];
    const [, sent = '', renewed = '', started = ''] = stopped;
    const oks = [
      await as('ben', 'PATCH', hers, { topics: ['key.added'] }),
      await as('ben', 'PATCH', sent, { url: 'https://example.net/' }),
      await as('ben', 'POST', `${renewed}/secret`),
      await as('ana', 'PATCH', started, { enabled: false }),
      await as('ben', 'PATCH', started, { enabled: true }),
    ];
    expect(oks.map(({ status }) => status)).toEqual(oks.map(() => 200));
    // What she does to them afterwards does not make them hers alone.
    await as('ana', 'POST', `${sent}/secret`);
    expect((await as('ana', 'DELETE', `/v1/namespaces/${ns}/members/ben`)).status).toBe(204);
    for (const path of kept) expect((await as('ana', 'GET', path)).json).toMatchObject({ enabled: true });
    const note = 'ben does not own the namespace any more';
    for (const path of stopped)
      expect((await as('ana', 'GET', path)).json).toMatchObject({ enabled: false, note });
    const audited = await as('ana', 'GET', `/v1/audit?namespace=${ns}&action=webhook.disable`);
    expect(audited.json['records']).toHaveLength(stopped.length);
  });

  test('of somebody who does not own the namespace any more gives nothing away', async () => {
    const ns = await anas();
    const offer = await as('recovering', 'POST', `/v1/namespaces/${ns}/transfer`, { to: 'ben' });
    await join(ns, 'cho', 'owner');
    expect((await as('cho', 'PUT', `/v1/namespaces/${ns}/members/ana`, { role: 'reader' })).status).toBe(200);
    expect((await as('ben', 'POST', `/v1/invitations/${String(offer.json['id'])}/accept`)).status).toBe(404);
    expect(await events(ns)).toEqual([]);
  });

  test('is for owners: no admin of the registry gives away what is not theirs', async () => {
    const ns = await anas();
    const answer = await callJson(registry, 'POST', `/v1/namespaces/${ns}/transfer`, { to: 'ben' });
    expect(told(answer)).toEqual([403, 'auth.role_missing']);
  });
});
