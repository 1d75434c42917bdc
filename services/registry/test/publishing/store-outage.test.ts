import { afterEach, beforeEach, expect, test } from 'vitest';
import { ObjectStoreError, type ObjectStore } from '../../src/objects/port.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { openNamespace, publish } from '../support/upload.js';

const COUNT = 8;
let registry: TestRegistry;
let stored = 0;
let isAway = false;
/** Looks at the copies of checkpoints while the store was away. */
let looks = 0;

/** The store, as the log sees it. */
function store(): ObjectStore {
  const own = () => registry.deps.objects;
  return {
    putIfAbsent: (...args) => own().putIfAbsent(...args),
    get: (...args) => own().get(...args),
    getRange: (...args) => own().getRange(...args),
    size: (...args) => own().size(...args),
    delete: (...args) => own().delete(...args),
    list: (...args) => own().list(...args),
    listKeys: (...args) => {
      if (!isAway) return own().listKeys(...args);
      looks += 1;
      throw new ObjectStoreError('object.unavailable', 'the store is away');
    },
    check: () => own().check(),
  };
}

beforeEach(async () => {
  registry = await startTestRegistry(
    {
      failpoint: (name) => {
        if (name === 'publish.after_blob' && (stored += 1) === COUNT) isAway = true;
        return Promise.resolve();
      },
    },
    () => ({ objects: store() }),
  );
  await openNamespace(registry);
});
afterEach(() => registry.close());

test('a store that goes away while many publish is asked a few times, not for each, and nothing is stored', async () => {
  const answers = await Promise.all(
    Array.from({ length: COUNT }, (_, i) => publish(registry, { name: `away-${i}` })),
  );
  const refused = answers.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(1);
  expect(looks).toBeLessThan(refused.length);
  const versions = await registry.db.selectFrom('versions').select('log_index').execute();
  expect(versions.filter(({ log_index }) => log_index === null)).toEqual([]);
  expect(await registry.db.selectFrom('log_queue').selectAll().execute()).toEqual([]);
});
