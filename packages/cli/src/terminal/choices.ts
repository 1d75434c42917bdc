/** What a question may be answered with: a letter and its word each, and what anything else means. */
export interface Choices<Key extends string> {
  readonly keys: Readonly<Record<Key, string>>;
  readonly default: Key;
}

/** `[y/N/d = plan]`: the default is the capital; the words of yes and no are known. */
export function describeChoices<Key extends string>(choices: Choices<Key>): string {
  const all = entriesOf(choices).map(([key, word]) => {
    const shown = key === choices.default ? key.toUpperCase() : key;
    return word === 'yes' || word === 'no' ? shown : `${shown} = ${word}`;
  });
  return `[${all.join('/')}]`;
}

/** `  1 yes`, a line each. */
export function numberChoices<Key extends string>(choices: Choices<Key>): readonly string[] {
  return entriesOf(choices).map(
    ([key, word], index) => `  ${index + 1} ${word}${key === choices.default ? ' (what Enter means)' : ''}`,
  );
}

/** What was typed, read: a key, a word or a number, in either case. */
export function readChoice<Key extends string>(typed: string, choices: Choices<Key>): Key {
  const word = typed.trim().toLowerCase();
  const found = entriesOf(choices).find(
    ([key, name], index) => word === key || word === name || word === String(index + 1),
  );
  return found?.[0] ?? choices.default;
}

function entriesOf<Key extends string>({ keys }: Choices<Key>): readonly (readonly [Key, string])[] {
  return Object.entries(keys) as [Key, string][];
}
