import type { CompletionKind, Flag } from '../frame/args.js';
import type { Command, CommandGroup } from '../frame/command.js';
import { COMMON_FLAGS } from '../frame/help.js';

/** What a shell may offer for one word: a closed list, or kinds of things. */
export interface Offer {
  readonly values: readonly string[];
  readonly kinds: readonly CompletionKind[];
}

export interface GrammarFlag {
  /** `--output` and, where it has one, `-o`. */
  readonly words: readonly string[];
  readonly summary: string;
  /** Of its value; undefined for a switch. */
  readonly offer?: Offer;
}

/** What may stand behind a verb, or behind a verb and its sub-verb. */
export interface GrammarCommand {
  /** `key list`; `key` for the verb of sub-verbs; empty for what stands before any verb. */
  readonly path: string;
  readonly subs: readonly { readonly name: string; readonly summary: string }[];
  readonly flags: readonly GrammarFlag[];
  readonly positionals: readonly Offer[];
  /** Whether the last of them may be repeated. */
  readonly more: boolean;
}

/** All that a shell has to know, in the order in which it is best looked up. */
export function createGrammar(
  verbs: readonly (Command | CommandGroup)[],
  summaries: ReadonlyMap<string, string>,
): readonly GrammarCommand[] {
  const summaryOf = ({ name, about }: { readonly name: string; readonly about: string }): string =>
    summaries.get(name) ?? firstPart(about);
  const top: GrammarCommand = {
    path: '',
    subs: verbs.map((verb) => ({ name: verb.name, summary: summaryOf(verb) })),
    flags: [
      { words: ['--help', '-h'], summary: 'print the page of verbs' },
      { words: ['--version', '-V'], summary: 'print the version' },
      { words: ['--explain'], summary: 'say what a code means', offer: NOTHING },
    ],
    positionals: [],
    more: false,
  };
  const rest = verbs.flatMap((verb) => {
    if (!('commands' in verb)) return [describeCommand(verb)];
    const subs = verb.commands.map((each) => ({
      name: each.name.slice(verb.name.length + 1),
      summary: firstPart(each.about),
    }));
    const flags = COMMON_FLAGS.map(describeFlag);
    const group: GrammarCommand = { path: verb.name, subs, flags, positionals: [], more: false };
    return [group, ...verb.commands.map(describeCommand)];
  });
  return [top, ...rest];
}

const NOTHING: Offer = { values: [], kinds: [] };

function describeCommand({ name, flags, positionals }: Command): GrammarCommand {
  const { names, completes = [], more = false } = positionals;
  return {
    path: name,
    subs: [],
    flags: [...flags, ...COMMON_FLAGS].map(describeFlag),
    positionals: names.map((word, index) => findList(word) ?? offerOf(completes[index])),
    more,
  };
}

function describeFlag(flag: Flag): GrammarFlag {
  const words = [`--${flag.name}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])];
  const summary = firstPart(flag.summary);
  if (flag.value === undefined || flag.optional === true) return { words, summary };
  if (flag.values !== undefined) return { words, summary, offer: { values: flag.values, kinds: [] } };
  return { words, summary, offer: offerOf(flag.completes) };
}

function offerOf(kinds: Flag['completes'] | readonly CompletionKind[]): Offer {
  if (kinds === undefined) return NOTHING;
  return { values: [], kinds: typeof kinds === 'string' ? [kinds] : kinds };
}

/** `add|list|remove`, in lower case, is a closed list. */
function findList(word: string): Offer | undefined {
  const parts = word.split('|');
  return parts.every((part) => /^[a-z][a-z-]*$/.test(part)) ? { values: parts, kinds: [] } : undefined;
}

/** A summary up to where it goes into details, without what shells would have to quote. */
function firstPart(text: string): string {
  const [first = ''] = text.replace(/\.$/, '').split(/[;:(]|\. /, 1);
  return first
    .replaceAll("'", '’')
    .replace(/[^\w ’,.…/<>=+@*-]/g, '')
    .trim();
}
