import type { Standing } from '@sheaf/bundle';
import type { FactStore, FactsKey } from '../fact-store.js';

/** Facts about releases, in memory. */
export function memoryFacts(): FactStore {
  const facts = new Map<string, readonly Standing[]>();
  const nameOf = ({ logKey, id, version }: FactsKey) => `${logKey} ${id} ${version}`;
  return {
    findFacts: (key) => Promise.resolve(facts.get(nameOf(key)) ?? []),
    keepFacts: (key, unite) => {
      facts.set(nameOf(key), unite(facts.get(nameOf(key)) ?? []));
      return Promise.resolve();
    },
  };
}
