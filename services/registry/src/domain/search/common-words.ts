/**
 * Words that were found to be common, in this process: it is not worth looking at all that has them. What a search finds
 * does not depend on them.
 */
export interface CommonWords {
  has(word: string): boolean;
  add(words: readonly string[]): void;
}

/** There are some hundred in a catalogue; more are forgotten together. */
const MAX_WORDS = 5_000;

export function createCommonWords(maxWords = MAX_WORDS): CommonWords {
  const known = new Set<string>();
  return {
    has: (word) => known.has(word),
    add: (words) => {
      if (known.size + words.length > maxWords) known.clear();
      for (const word of words) known.add(word);
    },
  };
}
