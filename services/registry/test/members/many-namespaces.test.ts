import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_LIMITS_CONFIG } from '../../src/config/limits.js';
import { findToken } from '../../src/db/token-queries.js';
import { createToken } from '../../src/domain/access/tokens.js';
import { clearLimits, listOverrides, reportLimits, setLimits } from '../../src/domain/limits/limits.js';
import { explainHot } from '../support/explain.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call, callJson, type Answer } from '../support/upload.js';

const MANY = 500;
const MOST = 3;

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry({ limits: { ...DEFAULT_LIMITS_CONFIG, userNamespaces: MOST } });
});
afterAll(() => registry.close());

/** A person with tokens, who owns namespaces of which nothing else is known. */
async function addOwner(name: string, namespaces: number, tokens: number) {
  const { db } = registry;
  await registry.addUser(name);
  const { id: userId } = await db
    .selectFrom('users')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  await sql`
    with named as (
      insert into namespaces (name, created_by, log_index)
      select ${name} || '-' || i, ${userId}::bigint, 1000000 + i from generate_series(1, ${namespaces}) i returning id)
    insert into members (namespace_id, user_id, role) select id, ${userId}::bigint, 'owner' from named`.execute(
    db,
  );
  const request = { userId, name: 'test', scopes: ['read'], expiresAt: null };
  return Promise.all(
    Array.from({ length: tokens }, async () => (await createToken(registry.deps, request)).id),
  );
}

test('the roles of a person are looked up once, however many of their tokens are asked for at once', async () => {
  const [ana, mallory] = [await addOwner('ana', 1, 1), await addOwner('mallory', MANY, 8)];
  const ids = ['0000000000000000', ...mallory, ...ana];
  let found: Awaited<ReturnType<typeof findToken>>[] = [];
  const looked = await explainHot(registry.databaseUrl, async (db) => {
    found = await Promise.all(ids.map((id) => findToken(db, id)));
  });
  expect(found.map((row) => [row?.user_name, row?.roles.size])).toEqual([
    [undefined, undefined],
    ...mallory.map(() => ['mallory', MANY]),
    ['ana', 1],
  ]);
  expect(found.at(-1)?.roles.get('ana-1')).toBe('owner');
  expect(looked.rows).toBeGreaterThan(MANY);
  expect(looked.rows).toBeLessThan(5 * MANY);
});

const told = ({ status, json }: Answer) => [status, json['code'] ?? json['name']];
const create = (name: string, token: string) => callJson(registry, 'POST', '/v1/namespaces', { name }, token);
const remove = (path: string, token: string) => call(registry, path, { method: 'DELETE', token });
const countNamespaces = async () =>
  (
    await registry.db
      .selectFrom('namespaces')
      .select((b) => b.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
  ).n;

test('of namespaces that somebody creates at once no more are made than they may be a member of', async () => {
  const token = await registry.addUser('ben');
  const before = await countNamespaces();
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => create(`bens-${i}`, token)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(MOST);
  const refused = answers.filter(({ status }) => status === 403);
  expect(refused).toHaveLength(8 - MOST);
  expect(refused[0]?.json).toMatchObject({
    code: 'quota.exceeded',
    detail: 'with this, ben would be a member of 4 namespaces, and may be of 3',
  });
  expect(await countNamespaces()).toBe(before + MOST);
  const own = String(answers.find(({ status }) => status === 201)?.json['name']);
  expect(told(await create(own, token))).toEqual([200, own]);
});

test('an invitation is accepted by whoever may be a member of one more', async () => {
  const [cho, dan] = [await registry.addUser('cho'), await registry.addUser('dan')];
  for (const name of ['chos-1', 'chos-2', 'chos-3']) await create(name, cho);
  await create('dans', dan);
  const invite = async (request: object) =>
    `/v1/invitations/${String(
      (await callJson(registry, 'POST', '/v1/namespaces/dans/invitations', { user: 'cho', ...request }, dan))
        .json['id'],
    )}/accept`;
  const path = await invite({ role: 'reader' });
  expect(told(await callJson(registry, 'POST', path, {}, cho))).toEqual([403, 'quota.exceeded']);
  const setter = { principal: null, requestId: null };
  const subject = { kind: 'user', name: 'cho' } as const;
  await setLimits(registry.deps, setter, subject, { namespaces: 4, reason: 'a team of many' });
  expect(told(await callJson(registry, 'POST', path, {}, cho))).toEqual([200, 'dans']);
  expect(told(await create('chos-5', cho))).toEqual([403, 'quota.exceeded']);
  expect((await remove('/v1/namespaces/dans/members/cho', cho)).status).toBe(204);
  expect(told(await create('chos-5', cho))).toEqual([201, 'chos-5']);
});

test('a person may have a limit of their own, which holds until it expires', async () => {
  const setter = { principal: null, requestId: null };
  const subject = { kind: 'user', name: 'eve' } as const;
  await expect(
    setLimits(registry.deps, setter, subject, { namespaces: 4, reason: '' }),
  ).rejects.toMatchObject({
    code: 'user.not_found',
  });
  const token = await registry.addUser('eve');
  await setLimits(registry.deps, setter, subject, { namespaces: 1, reason: '' });
  expect((await create('eves-1', token)).status).toBe(201);
  expect((await create('eves-2', token)).status).toBe(403);
  expect(await reportLimits(registry.deps, subject)).toMatchObject({
    limits: { namespaces: 1 },
    used: { namespaces: 1 },
  });
  expect(await listOverrides(registry.deps)).toContainEqual(expect.objectContaining({ subject }));
  await sql`update limits set expires_at = now() - interval '1 second'`.execute(registry.db);
  expect((await create('eves-2', token)).status).toBe(201);
  expect(await reportLimits(registry.deps, subject)).toMatchObject({ limits: { namespaces: MOST } });
  expect(await clearLimits(registry.deps, setter, subject)).toBe(true);
  const refused = [
    [subject, { versions: 1 }],
    [subject, { namespaces: 1_001 }],
    [{ kind: 'namespace', name: 'eves-1' } as const, { namespaces: 1 }],
  ] as const;
  for (const [of, override] of refused)
    await expect(setLimits(registry.deps, setter, of, { ...override, reason: '' })).rejects.toMatchObject({
      code: 'request.invalid',
    });
});
