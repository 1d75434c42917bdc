import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { expect, test } from 'vitest';
import { gathered } from './gathered.js';
import type { Database } from './schema.js';

/** Only its identity counts. */
const database = () =>
  new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });

function controlled(costOf?: (key: string) => number) {
  const asked: { readonly keys: readonly string[]; readonly finish: (failure?: Error) => void }[] = [];
  const find = gathered<string, string>(
    (_db, keys) =>
      new Promise((resolve, reject) => {
        asked.push({
          keys,
          finish: (failure) => {
            if (failure) reject(failure);
            else resolve(keys.map((key) => `found ${key}`));
          },
        });
      }),
    costOf,
  );
  return { asked, find };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('asks for one key at once, and for those that come meanwhile together', async () => {
  const { asked, find } = controlled();
  const db = database();
  const found = ['a', 'b', 'c'].map((key) => find(db, key));
  expect(asked.map(({ keys }) => keys)).toEqual([['a']]);
  asked[0]?.finish();
  await settle();
  expect(asked.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c']]);
  asked[1]?.finish();
  expect(await Promise.all(found)).toEqual(['found a', 'found b', 'found c']);
  await settle();
  void find(db, 'd');
  expect(asked[2]?.keys).toEqual(['d']);
});

test('never answers with what was asked before the call', async () => {
  const { asked, find } = controlled();
  const db = database();
  const first = find(db, 'a');
  const second = find(db, 'a');
  asked[0]?.finish();
  await first;
  await settle();
  expect(asked[1]?.keys).toEqual(['a']);
  asked[1]?.finish();
  expect(await second).toBe('found a');
});

test('asks no more than 64 at once, and each database for itself', async () => {
  const { asked, find } = controlled();
  const db = database();
  const found = Array.from({ length: 70 }, (_, i) => find(db, String(i)));
  void find(database(), 'other');
  expect(asked.map(({ keys }) => keys)).toEqual([['0'], ['other']]);
  asked[0]?.finish();
  await settle();
  expect(asked[2]?.keys).toHaveLength(64);
  asked[2]?.finish();
  await settle();
  expect(asked[3]?.keys).toEqual(['65', '66', '67', '68', '69']);
  asked[3]?.finish();
  expect(await Promise.all(found)).toHaveLength(70);
});

test('asks for no more with one statement than it may cost, and for what costs more by itself', async () => {
  const { asked, find } = controlled((key) => key.length);
  const db = database();
  const found = ['a', 'b'.repeat(40), 'c'.repeat(30), 'd', 'e'.repeat(70), 'f'].map((key) => find(db, key));
  for (let i = 0; i < 5; i += 1) {
    asked[i]?.finish();
    await settle();
  }
  expect(asked.map(({ keys }) => keys.map((key) => `${key.length}${key[0] ?? ''}`))).toEqual([
    ['1a'],
    ['40b'],
    ['30c', '1d'],
    ['70e'],
    ['1f'],
  ]);
  expect(await Promise.all(found)).toHaveLength(6);
});

test('asks for each alone when a shared statement failed, the cheapest first, and refuses only whose own fails', async () => {
  const { asked, find } = controlled((key) => key.length);
  const db = database();
  const [first, dear, failing, cheap] = ['first', 'dear', 'bad', 'x'].map((key) =>
    find(db, key).catch((error: unknown) => String(error)),
  );
  asked[0]?.finish();
  await settle();
  asked[1]?.finish(new Error('canceling statement due to statement timeout'));
  await settle();
  expect(asked[2]?.keys).toEqual(['x']);
  const later = find(db, 'later');
  expect(asked[3]?.keys).toEqual(['later']);
  asked[3]?.finish();
  expect(await later).toBe('found later');
  asked[2]?.finish();
  await settle();
  expect(asked[4]?.keys).toEqual(['bad']);
  asked[4]?.finish(new Error('canceling statement due to statement timeout'));
  await settle();
  asked[5]?.finish();
  expect(await Promise.all([first, dear, failing, cheap])).toEqual([
    'found first',
    'found dear',
    'Error: canceling statement due to statement timeout',
    'found x',
  ]);
  expect(asked).toHaveLength(6);
});

test('tells all who share a statement that the database is away, and asks again for those who come later', async () => {
  const { asked, find } = controlled();
  const db = database();
  const found = ['a', 'b', 'c'].map((key) => find(db, key).catch((error: unknown) => String(error)));
  asked[0]?.finish();
  await settle();
  asked[1]?.finish(new Error('Connection terminated unexpectedly'));
  const refused = 'Error: Connection terminated unexpectedly';
  expect(await Promise.all(found)).toEqual(['found a', refused, refused]);
  await settle();
  void find(db, 'd');
  expect(asked[2]?.keys).toEqual(['d']);
});
