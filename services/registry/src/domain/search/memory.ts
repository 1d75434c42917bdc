import { createFacetCounter, type FacetCounter } from './facets.js';

/** What a process keeps of searches to answer others sooner. It decides nothing of what they find. */
export interface SearchMemory {
  readonly facets: FacetCounter;
  readonly commonWords: CommonWords;
}

/** Words that were found to be common: not worth looking at all that has them. */
export interface CommonWords {
  has(word: string): boolean;
  add(words: readonly string[]): void;
}

/** There are some hundred in a catalogue; more are forgotten together. */
const MAX_WORDS = 5_000;

export function createSearchMemory(): SearchMemory {
  const words = new Set<string>();
  return {
    facets: createFacetCounter(),
    commonWords: {
      has: (word) => words.has(word),
      add: (found) => {
        if (words.size > MAX_WORDS) words.clear();
        for (const word of found) words.add(word);
      },
    },
  };
}
