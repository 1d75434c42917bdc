import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findToken } from '../../src/db/token-queries.js';
import { createToken } from '../../src/domain/access/tokens.js';
import { explainHot } from '../support/explain.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';

const MANY = 500;

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
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
