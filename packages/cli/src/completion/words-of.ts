import type { GrammarCommand, Offer } from './grammar.js';

/** Words that a script of a shell holds; any other would have to be quoted there, and is a mistake in the sources. */
export function checked(word: string): string {
  if (!/^[\w,.:=@+|/-]*$/.test(word))
    throw new Error(`a completion script cannot hold ${JSON.stringify(word)}`);
  return word;
}

/** `file`, `name+reference`, `=a,b,c`, or `-` for what nothing is offered for. */
export function formatOffer({ values, kinds }: Offer): string {
  if (values.length > 0) return `=${values.map(checked).join(',')}`;
  return kinds.length === 0 ? '-' : kinds.map(checked).join('+');
}

/** Each flag as `--key:key` or `--yes`. */
export function formatFlags({ flags }: GrammarCommand): readonly string[] {
  return flags.flatMap(({ words, offer }) =>
    words.map((word) => checked(offer === undefined ? word : `${word}:${formatOffer(offer)}`)),
  );
}

/** The offers for its words in their order; `*` behind the last when it may be repeated. */
export function formatPositionals({ positionals, more }: GrammarCommand): readonly string[] {
  return [...positionals.map(formatOffer), ...(more ? ['*'] : [])];
}
