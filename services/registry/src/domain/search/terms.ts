import type { VersionFacts } from '../publish/facts.js';
import { stem } from './stem.js';
import { STOP_WORDS, wordsOf, type Word } from './words.js';

/**
 * What a term of the search index stands for, by its first character, which no word begins with. One index thus answers
 * words, filters and misspelled names alike.
 */
export const MARK = {
  /** A word of the workflow's name. */
  name: '=',
  /** A stem or a word of what describes it at first sight: name, namespace, title, tags, the beginning of the description. */
  head: '.',
  /** A stem from elsewhere: the rest of the description, parameters, permissions, README. */
  any: '*',
  /** A word of the name without one of its letters, or whole. */
  spelling: '~',
  tag: '#',
  owner: '@',
  license: '%',
  permission: '!',
  state: '?',
  /** The namespace of what is private. */
  realm: '+',
} as const;

/** How much of each text is indexed, in characters: bounds what a publish costs the index, whatever it says. */
const LIMITS = { title: 100, head: 300, description: 4_000, interface: 4_000, readme: 8_000 } as const;
const MAX_WORDS = 2_000;
const MAX_SPELLED_WORDS = 8;

export interface IndexedText {
  readonly namespace: string;
  readonly name: string;
  readonly facts: VersionFacts;
  readonly readme: string | undefined;
}

export interface IndexTerms {
  /** Of {@link MARK} `head` alone, once more: small enough to be looked at for every match. */
  readonly head: readonly string[];
  readonly terms: readonly string[];
}

/** What search finds a version by. Pure: the same version always has the same terms. */
export function indexTerms({ namespace, name, facts, readme }: IndexedText): IndexTerms {
  const names = nameWords(name);
  const head = new Set<string>();
  for (const text of [...names, ...namespace.split('-')]) add(head, MARK.head, text);
  const first = [
    (facts.title ?? '').slice(0, LIMITS.title),
    facts.tags.join(' '),
    (facts.description ?? '').slice(0, LIMITS.head),
  ];
  for (const word of wordsOf(first.join(' '), MAX_WORDS)) addWord(head, MARK.head, word);

  // Names among them too, so that a match tells of itself whether it is one of the name.
  for (const text of names) head.add(MARK.name + text);

  const terms = new Set<string>(head);
  for (const text of spellings(name)) terms.add(text);
  for (const text of [
    (facts.description ?? '').slice(0, LIMITS.description),
    interfaceText(facts).slice(0, LIMITS.interface),
    (readme ?? '').slice(0, LIMITS.readme),
  ]) {
    for (const word of wordsOf(text, MAX_WORDS)) addStems(terms, head, word);
  }
  for (const term of filterTerms(namespace, facts)) terms.add(term);
  return { head: [...head], terms: [...terms] };
}

/** The term of a value that a search can be narrowed to. */
export function filterTerm(
  kind: 'tag' | 'owner' | 'license' | 'permission' | 'state',
  value: string,
): string {
  return MARK[kind] + value.toLowerCase().slice(0, 200).toWellFormed();
}

/** Kinds of permission of which something is declared. */
export function permissionKinds(facts: Pick<VersionFacts, 'permissions'>): readonly string[] {
  return Object.entries(facts.permissions).flatMap(([kind, values]: [string, readonly string[]]) =>
    values.length > 0 ? [kind] : [],
  );
}

/**
 * Terms of a word with each of its letters left out in turn, and whole. Two words that share one are at most one
 * insertion, removal, change or swap of neighbours apart, or one removal in each; or they only share the hash that keeps
 * these terms, of which there are many, short and few: whoever finds something by them compares the words.
 */
export function spellingTerms(word: string): readonly string[] {
  const variants = new Set([hashed(word)]);
  for (let i = 0; i < word.length; i += 1) variants.add(hashed(word.slice(0, i) + word.slice(i + 1)));
  return [...variants];
}

/** FNV-1a, 18 bits of it. */
function hashed(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  const bits = (hash ^ (hash >>> 18)) & 0x3ffff;
  return MARK.spelling + bits.toString(36);
}

/** The words of a name, and neighbours written together: `release-notes` is found by `releasenotes`. */
function nameWords(name: string): readonly string[] {
  const parts = name.split('-').filter((part) => part !== '');
  const pairs = parts.slice(1).map((part, i) => `${parts[i] ?? ''}${part}`);
  return [...new Set([...parts, ...pairs, parts.join('')])];
}

function spellings(name: string): readonly string[] {
  const parts = name.split('-').filter((part) => part.length > 2);
  const spelled = new Set([...parts.slice(0, MAX_SPELLED_WORDS), name.replaceAll('-', '')]);
  return [...spelled].flatMap(spellingTerms);
}

function filterTerms(namespace: string, facts: VersionFacts): readonly string[] {
  return [
    ...facts.tags.map((tag) => filterTerm('tag', tag)),
    filterTerm('owner', namespace),
    ...(facts.license === undefined ? [] : [filterTerm('license', facts.license)]),
    ...permissionKinds(facts).map((kind) => filterTerm('permission', kind)),
  ];
}

function interfaceText(facts: VersionFacts): string {
  const parameters = Object.entries(facts.parameters).flatMap(([key, parameter]) => [
    key,
    descriptionOf(parameter),
  ]);
  const permissions = Object.entries(facts.permissions).flatMap(
    ([kind, values]: [string, readonly string[]]) => (values.length > 0 ? [kind, ...values] : []),
  );
  return [...parameters, ...permissions].join(' ');
}

function descriptionOf(parameter: unknown): string {
  const isRecord = typeof parameter === 'object' && parameter !== null;
  return isRecord && 'description' in parameter && typeof parameter.description === 'string'
    ? parameter.description
    : '';
}

function addWord(terms: Set<string>, mark: string, word: Word): void {
  for (const text of [word.text, ...(word.parts ?? [])]) if (!STOP_WORDS.has(text)) add(terms, mark, text);
}

/** The word as it is, which its beginnings are found by, and its stem, which its other forms are found by. */
function add(terms: Set<string>, mark: string, text: string): void {
  terms.add(mark + text);
  terms.add(mark + stem(text));
}

/** What the head has is found there. */
function addStems(terms: Set<string>, head: ReadonlySet<string>, word: Word): void {
  for (const text of [word.text, ...(word.parts ?? [])]) {
    const stemmed = stem(text);
    if (!STOP_WORDS.has(text) && !head.has(MARK.head + stemmed)) terms.add(MARK.any + stemmed);
  }
}
