import { describe, expect, it } from 'vitest';
import { createGroupCommit } from '../src/stores/sqlite/group-commit.js';
import type { SqlDatabase } from '../src/stores/sqlite/database.js';

/** A database that only remembers what it was told. */
function fakeDatabase(): SqlDatabase & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    exec: (sql) => {
      told.push(sql.replace('PRAGMA synchronous = ', ''));
    },
    prepare: () => {
      throw new TypeError('nothing is prepared here');
    },
    transaction: (act) => {
      told.push('begin');
      const result = act();
      told.push('commit');
      return result;
    },
    close: () => undefined,
  };
}

function commitsOf(database: ReturnType<typeof fakeDatabase>) {
  const commits = createGroupCommit(database);
  const submit = (word: string, durable: boolean): Promise<void> =>
    commits.submit(
      () => {
        database.told.push(word);
      },
      { durable },
    );
  return submit;
}

describe('group commit', () => {
  it('writes what is submitted in one tick in one durable transaction', async () => {
    const database = fakeDatabase();
    const submit = commitsOf(database);
    await Promise.all([submit('a', true), submit('b', false), submit('c', true)]);
    expect(database.told).toEqual(['FULL', 'begin', 'a', 'b', 'c', 'commit']);
  });

  it('writes what nobody waits for with what comes soon after it, in order', async () => {
    const database = fakeDatabase();
    const submit = commitsOf(database);
    const first = submit('spawned', false);
    await Promise.resolve();
    await Promise.all([first, submit('finished', true)]);
    expect(database.told).toEqual(['FULL', 'begin', 'spawned', 'finished', 'commit']);
  });

  it('writes what nobody waits for by itself, and without waiting for the disk, when nothing comes', async () => {
    const database = fakeDatabase();
    const submit = commitsOf(database);
    await submit('spawned', false);
    expect(database.told).toEqual(['NORMAL', 'begin', 'spawned', 'commit']);
    await submit('finished', true);
    expect(database.told.slice(4)).toEqual(['FULL', 'begin', 'finished', 'commit']);
  });

  it('keeps nothing of a transaction that fails, and goes on with the next', async () => {
    const database = fakeDatabase();
    const commits = createGroupCommit(database);
    const failing = commits.submit(
      () => {
        throw new Error('disk full');
      },
      { durable: true },
    );
    const beside = commits.submit(() => undefined, { durable: false });
    await expect(failing).rejects.toThrow('disk full');
    await expect(beside).rejects.toThrow('disk full');
    await commits.submit(() => undefined, { durable: true });
    expect(database.told.filter((word) => word === 'commit')).toHaveLength(1);
  });
});
