import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGate } from '../gate.js';
import { createTaggedCache, type TaggedCacheOptions } from './tagged-cache.js';
import { CATALOGUE_TAGS, namespaceTags, realmTags, workflowTags } from './touch.js';

function createCache(options: Partial<TaggedCacheOptions<string>> = {}) {
  return createTaggedCache<string>({
    maxBytes: 100,
    sizeOf: (text) => text.length,
    gate: createGate({ capacity: 10, maxWaiting: 10, what: 'documents' }),
    now: () => 0,
    ...options,
  });
}

/** A rendering that ends when the test says so. */
function paused() {
  let finish: (text: string) => void = () => undefined;
  const result = new Promise<string>((resolve) => {
    finish = resolve;
  });
  return { render: () => result, finish };
}

const DEPLOY = workflowTags('acme', 'deploy');

test('those who ask at the same time share one rendering, and later ones what is held', async () => {
  const cache = createCache();
  let rendered = 0;
  const render = async () => {
    rendered += 1;
    await Promise.resolve();
    return 'x';
  };
  expect(await Promise.all([1, 2, 3].map(() => cache.get('k', DEPLOY, render)))).toEqual(['x', 'x', 'x']);
  expect([await cache.get('k', DEPLOY, render), cache.find('k'), rendered]).toEqual(['x', 'x', 1]);
});

test('what changes while it is being rendered is not kept, and whoever asks after the change gets the new one', async () => {
  const cache = createCache();
  const [before, after] = [paused(), paused()];
  const early = cache.get('k', DEPLOY, before.render);
  cache.touch({ ns: 'acme', name: 'deploy' });
  const late = cache.get('k', DEPLOY, after.render);
  after.finish('new');
  expect(await late).toBe('new');
  // The old rendering ends last, and must not take the place of the new one.
  before.finish('old');
  expect(await early).toBe('old');
  expect(cache.find('k')).toBe('new');
});

test('what is being rendered when everything is dropped is not kept either', async () => {
  const cache = createCache();
  const { render, finish } = paused();
  const asked = cache.get('k', DEPLOY, render);
  cache.clear();
  finish('old');
  await asked;
  expect(cache.find('k')).toBeUndefined();
});

test('one that could not be rendered is tried again', async () => {
  const cache = createCache();
  await expect(cache.get('k', DEPLOY, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await cache.get('k', DEPLOY, () => Promise.resolve('x'))).toBe('x');
});

test.each([
  [{ ns: 'acme', name: 'deploy' }, ['other', 'beta', 'realm']],
  [{ ns: 'acme' }, ['beta', 'realm']],
  [{ ns: 'beta' }, ['deploy', 'other', 'ns', 'realm']],
  [{ realm: 'public' }, ['deploy', 'other', 'ns', 'beta', 'all']],
])('a touch of %o leaves %o', async (touch, left) => {
  const cache = createCache();
  const tagged = {
    deploy: DEPLOY,
    other: workflowTags('acme', 'other'),
    ns: namespaceTags('acme'),
    beta: workflowTags('beta', 'deploy'),
    realm: realmTags('public'),
    all: CATALOGUE_TAGS,
  };
  for (const [key, tags] of Object.entries(tagged)) await cache.get(key, tags, () => Promise.resolve('x'));
  cache.touch(touch);
  expect(Object.keys(tagged).filter((key) => cache.find(key) !== undefined)).toEqual(left);
});

test('a touch of what is older leaves what was rendered since', async () => {
  let nowMs = 0;
  const cache = createCache({ now: () => nowMs });
  await cache.get('old', DEPLOY, () => Promise.resolve('x'));
  nowMs = 10;
  await cache.get('new', DEPLOY, () => Promise.resolve('x'));
  cache.touchOlder({ ns: 'acme', name: 'deploy' }, 5);
  expect([cache.find('old'), cache.find('new')]).toEqual([undefined, 'x']);
});

test('of more than there is room for, what was asked for is kept before what was not', async () => {
  const cache = createCache({ maxBytes: 30 });
  const add = (key: string) => cache.get(key, [], () => Promise.resolve('0123456789'));
  for (const key of ['a', 'b', 'c', 'd']) await add(key);
  cache.find('b');
  await add('e');
  expect(cache.find('b')).toBeDefined();
  expect(cache.sizeBytes).toBeLessThanOrEqual(30);
  await cache.get('large', [], () => Promise.resolve('x'.repeat(31)));
  expect(cache.find('large')).toBeUndefined();
});

test('it never holds more than there is room for, nor anything that was touched', async () => {
  const key = fc.integer({ min: 0, max: 9 });
  const command = fc.oneof(
    fc.record({ do: fc.constant('get' as const), key, size: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ do: fc.constant('touch' as const), key }),
    fc.record({ do: fc.constant('find' as const), key }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 60 }), async (commands) => {
      const cache = createCache();
      const fresh = new Map<number, string>();
      for (const [at, step] of commands.entries()) {
        const name = String(step.key);
        if (step.do === 'touch') {
          cache.touch({ ns: 'acme', name });
          fresh.delete(step.key);
        } else if (step.do === 'get') {
          const text = String(at).padEnd(step.size, '.');
          fresh.set(step.key, await cache.get(name, workflowTags('acme', name), () => Promise.resolve(text)));
        } else {
          const found = cache.find(name);
          if (found !== undefined) expect(found).toBe(fresh.get(step.key));
        }
        expect(cache.sizeBytes).toBeLessThanOrEqual(100);
      }
    }),
  );
});
