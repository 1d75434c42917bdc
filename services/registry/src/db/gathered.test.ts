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

function controlled() {
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

test('tells all who share a statement that it failed, and asks again for those who come later', async () => {
  const { asked, find } = controlled();
  const db = database();
  const found = ['a', 'b', 'c'].map((key) => find(db, key).catch((error: unknown) => String(error)));
  asked[0]?.finish();
  await settle();
  asked[1]?.finish(new Error('no database'));
  expect(await Promise.all(found)).toEqual(['found a', 'Error: no database', 'Error: no database']);
  await settle();
  void find(db, 'd');
  expect(asked[2]?.keys).toEqual(['d']);
});
