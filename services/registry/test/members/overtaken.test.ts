import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteMember, lockMembers } from '../../src/db/member-queries.js';
import { createTrustedIssuers } from '../../src/trusted/issuers.js';
import { GITHUB_PUBLISHER } from '../support/issuer.js';
import { addMember } from '../support/members.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { callJson, openNamespace } from '../support/upload.js';

/** What an owner asks for while the transaction goes on that removes them. */
const ISSUER = 'https://issuer.example';
let registry: TestRegistry;
beforeAll(async () => {
  const clocks = { now: () => Date.now(), elapsedMs: () => performance.now() };
  const trusted = createTrustedIssuers({ ...clocks, report: () => undefined }, [
    { issuer: ISSUER, kind: 'github', audience: 'sheaf:wf.example.com' },
  ]);
  registry = await startTestRegistry({ trusted });
  await openNamespace(registry);
  await registry.addUser('alt');
});
afterAll(() => registry.close());

const MEMBERS = '/v1/namespaces/acme/members';
const PUBLISHER = { namespace: 'acme', issuer: ISSUER, claims: GITHUB_PUBLISHER };

test.each([
  ['invites nobody', 'POST', '/v1/namespaces/acme/invitations', { user: 'alt', role: 'owner' }],
  ['changes no role', 'PUT', `${MEMBERS}/owner`, { role: 'reader' }],
  ['removes nobody', 'DELETE', `${MEMBERS}/owner`, undefined],
  ['adds no trusted publisher', 'POST', '/v1/trusted-publishers', PUBLISHER],
  ['makes no webhook', 'POST', '/v1/webhooks', { namespace: 'acme', url: 'https://example.com/' }],
])('an owner whom a removal overtakes %s', async (what, method, path, body) => {
  const user = `mallory-${what.split(' ', 1)[0] ?? ''}`;
  const token = await registry.addUser(user);
  await addMember(registry, { user, namespace: 'acme', role: 'owner' });
  const { db } = registry;
  const answered = await db.transaction().execute(async (trx) => {
    const { id: namespaceId } = await idOf('namespaces', 'acme');
    await lockMembers(trx, namespaceId);
    const asked = callJson(registry, method, path, body, token);
    await untilWaiting();
    await deleteMember(trx, namespaceId, (await idOf('users', user)).id);
    return { asked };
  });
  const { status, json } = await answered.asked;
  expect([status, json['code']]).toEqual([403, 'auth.role_missing']);
});

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
