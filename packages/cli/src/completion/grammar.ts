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
    positionals: names.map((word, index) => {
      const given = completes[Math.min(index, completes.length - 1)];
      if (given === undefined) return offerFor(word);
      return { values: [], kinds: typeof given === 'string' ? [given] : given };
    }),
    more,
  };
}

function describeFlag(flag: Flag): GrammarFlag {
  const words = [`--${flag.name}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])];
  const summary = firstPart(flag.summary);
  if (flag.value === undefined || flag.optional === true) return { words, summary };
  if (flag.values !== undefined) return { words, summary, offer: { values: flag.values, kinds: [] } };
  if (flag.completes !== undefined) return { words, summary, offer: { values: [], kinds: [flag.completes] } };
  const isKey = flag.value === 'NAME' && /^(key|endorse)$/.test(flag.name);
  return { words, summary, offer: isKey ? { values: [], kinds: ['key'] } : offerFor(flag.value) };
}

/** What the words of the help stand for, where nothing else is said. */
const BY_WORD: Readonly<Record<string, readonly CompletionKind[]>> = {
  REF: ['name', 'reference'],
  WORKFLOW: ['reference'],
  PATH: ['file'],
  FILE: ['file'],
  DIR: ['folder'],
  RUN: ['run'],
  NS: ['namespace'],
  NAMESPACE: ['namespace'],
  KEY: ['key'],
  REGISTRY: ['registry'],
  URL: ['registry'],
  VERB: ['verb'],
  TOPIC: ['topic'],
};

/** `REF|FILE` is what each of them is; `add|list|remove`, in lower case, is a closed list. */
function offerFor(word: string): Offer {
  const parts = word.split('|');
  if (parts.every((part) => /^[a-z][a-z-]*$/.test(part))) return { values: parts, kinds: [] };
  const isNamed = parts.length > 1 && parts.includes('NAME') && parts.includes('REF');
  const kinds = parts.flatMap((part) => (Object.hasOwn(BY_WORD, part) ? (BY_WORD[part] ?? []) : []));
  return { values: [], kinds: [...new Set([...(isNamed ? (['name'] as const) : []), ...kinds])] };
}

/** A summary up to where it goes into details, without what shells would have to quote. */
function firstPart(text: string): string {
  const [first = ''] = text.replace(/\.$/, '').split(/[;:(]|\. /, 1);
  return first
    .replaceAll("'", '’')
    .replace(/[^\w ’,.…/<>=+@*-]/g, '')
    .trim();
}
