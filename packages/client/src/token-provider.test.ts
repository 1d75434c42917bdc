import { describe, expect, it } from 'vitest';
import { openTokens } from './token-provider.js';

/** A promise that is settled from outside. */
function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('a token that was rejected', () => {
  it('is renewed once for all who ask at once, and for who asks later with the same', async () => {
    const got = deferred<string>();
    const asked: string[] = [];
    const tokens = openTokens({
      get: () => Promise.resolve('old'),
      refresh: (rejected) => {
        asked.push(rejected);
        return rejected === 'old' ? got.promise : Promise.resolve('third');
      },
    });
    const all = Promise.all([tokens.renew('old'), tokens.renew('old')]);
    got.resolve('new');
    expect(await all).toEqual(['new', 'new']);
    expect(await tokens.renew('old')).toBe('new');
    expect(await tokens.renew('new')).toBe('third');
    expect(asked).toEqual(['old', 'new']);
  });

  it('stays rejected where nothing renews it, or the same comes back', async () => {
    for (const source of [
      undefined,
      'old',
      () => Promise.resolve('old'),
      { get: () => Promise.resolve('old') },
      { get: () => Promise.resolve('old'), refresh: () => Promise.resolve('old') },
    ])
      expect(await openTokens(source).renew('old')).toBeUndefined();
  });

  it('is asked for again after a failure', async () => {
    let count = 0;
    const tokens = openTokens({
      get: () => Promise.resolve('old'),
      refresh: () => (count++ === 0 ? Promise.reject(new Error('down')) : Promise.resolve('new')),
    });
    await expect(tokens.renew('old')).rejects.toThrow('down');
    expect(await tokens.renew('old')).toBe('new');
  });

  it('is renewed for those who stay when one gives up, and for nobody when all do', async () => {
    const got = deferred<string>();
    let told: AbortSignal | undefined;
    const tokens = openTokens({
      get: () => Promise.resolve('old'),
      refresh: (_, { signal }) => {
        told = signal;
        return got.promise;
      },
    });
    const [one, two] = [new AbortController(), new AbortController()];
    const first = tokens.renew('old', one.signal);
    const second = tokens.renew('old', two.signal);
    one.abort(new Error('one left'));
    await expect(first).rejects.toMatchObject({
      code: 'operation.cancelled',
      cause: one.signal.reason as Error,
    });
    expect(told?.aborted).toBe(false);
    two.abort(new Error('two left'));
    await expect(second).rejects.toMatchObject({
      code: 'operation.cancelled',
      cause: two.signal.reason as Error,
    });
    expect(told?.aborted).toBe(true);
    got.resolve('late');
    // A flight that nobody waited for is none to board.
    expect(await tokens.renew('old')).toBe('late');
  });
});
