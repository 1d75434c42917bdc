import { generateSigningKey } from '@sheaf/bundle';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteMember, lockMembers } from '../../src/db/member-queries.js';
import { createTrustedIssuers } from '../../src/trusted/issuers.js';
import { GITHUB_PUBLISHER } from '../support/issuer.js';
import { benchOf } from '../support/keys.js';
import { addMember } from '../support/members.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { callJson, openNamespace, PUBLISHER, type Answer } from '../support/upload.js';

/** What an owner asks for while the transaction goes on that removes them. */
const ISSUER = 'https://issuer.example';
let registry: TestRegistry;
let webhook: string;
let publisher: string;
let invitation: number;
beforeAll(async () => {
  const clocks = { now: () => Date.now(), elapsedMs: () => performance.now() };
  const trusted = createTrustedIssuers({ ...clocks, report: () => undefined }, [
    { issuer: ISSUER, kind: 'github', audience: 'sheaf:wf.example.com' },
  ]);
  registry = await startTestRegistry({ trusted });
  await openNamespace(registry);
  await registry.addUser('alt');
  webhook = String((await callJson(registry, 'POST', '/v1/webhooks', WEBHOOK)).json['id']);
  publisher = await addPublisher('acme', registry.ownerToken);
  invitation = Number((await callJson(registry, 'POST', INVITATIONS, INVITED)).json['id']);
});
afterAll(() => registry.close());

const MEMBERS = '/v1/namespaces/acme/members';
const INVITATIONS = '/v1/namespaces/acme/invitations';
const INVITED = { user: 'alt', role: 'reader' };
const PUBLISHER_REQUEST = { namespace: 'acme', issuer: ISSUER, claims: GITHUB_PUBLISHER };
const WEBHOOK = { namespace: 'acme', url: 'https://example.com/' };

type Ask = (token: string) => Promise<Answer>;
const asks =
  (method: string, path: string, body?: unknown): Ask =>
  (token) =>
    callJson(registry, method, path, body, token);
/** What somebody asks for a webhook that another owner has made. */
const asksOfWebhook =
  (method: string, rest = '', body?: unknown): Ask =>
  (token) =>
    callJson(registry, method, `/v1/webhooks/${webhook}${rest}`, body, token);
const asksToRemove = (id: string): Ask => asks('DELETE', `/v1/trusted-publishers/${id}`);
const signed = {
  add: (token) => benchOf(registry, 'acme').add(generateSigningKey(), [PUBLISHER], { token }),
  revoke: (token) => benchOf(registry, 'acme').revoke(PUBLISHER.publicKey.id, [PUBLISHER], { token }),
  policy: (token) => benchOf(registry, 'acme').policy(1, [PUBLISHER], { token }),
} satisfies Readonly<Record<string, Ask>>;

let asked = 0;
test.each<readonly [string, Ask]>([
  ['invites nobody', asks('POST', INVITATIONS, { ...INVITED, role: 'owner' })],
  ['takes no invitation back', (token) => asks('DELETE', `${INVITATIONS}/${invitation}`)(token)],
  ['changes no role', asks('PUT', `${MEMBERS}/owner`, { role: 'reader' })],
  ['removes nobody', asks('DELETE', `${MEMBERS}/owner`)],
  ['adds no trusted publisher', asks('POST', '/v1/trusted-publishers', PUBLISHER_REQUEST)],
  ['removes no trusted publisher', (token) => asksToRemove(publisher)(token)],
  ['makes no webhook', asks('POST', '/v1/webhooks', WEBHOOK)],
  ['sends no webhook elsewhere', asksOfWebhook('PATCH', '', { url: 'https://example.net/' })],
  ['gets no secret of a webhook', asksOfWebhook('POST', '/secret')],
  ['removes no webhook', asksOfWebhook('DELETE')],
  ['has nothing sent again', asksOfWebhook('POST', `/deliveries/msg_${'0'.repeat(32)}/redeliver`)],
  ['adds no key', signed.add],
  ['revokes no key', signed.revoke],
  ['sets no policy', signed.policy],
])('an owner whom a removal overtakes %s', async (_what, ask) => {
  asked += 1;
  const user = `mallory-${asked}`;
  const token = await registry.addUser(user);
  await addMember(registry, { user, namespace: 'acme', role: 'owner' });
  const leaves = await countLeaves();
  const { db } = registry;
  const answered = await db.transaction().execute(async (trx) => {
    const { id: namespaceId } = await idOf('namespaces', 'acme');
    await lockMembers(trx, namespaceId);
    const answer = ask(token);
    await untilWaiting();
    await deleteMember(trx, namespaceId, (await idOf('users', user)).id);
    return { answer };
  });
  const { status, json } = await answered.answer;
  expect([status, json['code']]).toEqual([403, 'auth.role_missing']);
  expect(await countLeaves()).toBe(leaves);
});

test.each([
  ['revoked', { is_admin: false }, 'auth.role_missing'],
  ['suspended', { suspended_at: new Date() }, 'auth.suspended'],
] as const)(
  'an administrator who is %s meanwhile makes no webhook for everything',
  async (what, change, code) => {
    const user = `admin-${what}`;
    const token = await registry.addUser(user);
    await registry.db.updateTable('users').set({ is_admin: true }).where('name', '=', user).execute();
    const answered = await registry.db.transaction().execute(async (trx) => {
      await trx.updateTable('users').set(change).where('name', '=', user).execute();
      const answer = callJson(registry, 'POST', '/v1/webhooks', { url: WEBHOOK.url }, token);
      await untilWaiting();
      return { answer };
    });
    const { status, json } = await answered.answer;
    expect([status, json['code']]).toEqual([403, code]);
  },
);

test.each<readonly [string, (id: string) => Ask]>([
  [
    'adds no trusted publisher',
    () => asks('POST', '/v1/trusted-publishers', { ...PUBLISHER_REQUEST, namespace: 'later' }),
  ],
  ['removes none', asksToRemove],
])('somebody who is suspended while they wait for a namespace %s', async (_what, ask) => {
  asked += 1;
  const user = `waiting-${asked}`;
  const token = await registry.addUser(user);
  const own = await addPublisher('not-there', token);
  const answered = await registry.db.transaction().execute(async (trx) => {
    const change = { suspended_at: new Date() };
    await trx.updateTable('users').set(change).where('name', '=', user).execute();
    const answer = ask(own)(token);
    await untilWaiting();
    return { answer };
  });
  const { status, json } = await answered.answer;
  expect([status, json['code']]).toEqual([403, 'auth.suspended']);
});

/** The id of a trusted publisher that somebody adds for a namespace. */
async function addPublisher(namespace: string, token: string): Promise<string> {
  const request = { ...PUBLISHER_REQUEST, namespace };
  const { status, json } = await callJson(registry, 'POST', '/v1/trusted-publishers', request, token);
  expect(status).toBe(201);
  return String(json['id']);
}

const countLeaves = async () => (await registry.db.selectFrom('log_leaves').select('index').execute()).length;
const idOf = (table: 'users' | 'namespaces', name: string) =>
  registry.db.selectFrom(table).select('id').where('name', '=', name).executeTakeFirstOrThrow();

/** Until a statement of this database waits for a lock. */
async function untilWaiting(): Promise<void> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const { rows } = await sql<{ n: number }>`
      select count(*) as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(registry.db);
    if ((rows[0]?.n ?? 0) > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nothing waits for a lock');
}
