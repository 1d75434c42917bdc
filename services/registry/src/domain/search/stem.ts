/**
 * The English (Porter2) stemmer of Snowball, https://snowballstem.org/algorithms/english/stemmer.html: `releases`,
 * `released` and `releasing` get one stem. Words that are not plain lower-case English are answered as they are. Time is
 * linear in the word.
 */
export function stem(word: string): string {
  if (word.length <= 2 || !/^[a-z]+$/.test(word)) return word;
  const whole = WHOLE.get(word);
  if (whole !== undefined) return whole;
  const state = begin(word);
  step1a(state);
  if (KEPT_AFTER_1A.has(state.word)) return state.word;
  step1b(state);
  step1c(state);
  step2(state);
  step3(state);
  step4(state);
  step5(state);
  return state.word.replaceAll('Y', 'y');
}

/** `Y` is a y that is a consonant; `r1` and `r2` are where the regions of the algorithm begin. */
interface State {
  word: string;
  readonly r1: number;
  readonly r2: number;
}

const WHOLE: ReadonlyMap<string, string> = new Map([
  ['skis', 'ski'],
  ['skies', 'sky'],
  ['dying', 'die'],
  ['lying', 'lie'],
  ['tying', 'tie'],
  ['idly', 'idl'],
  ['gently', 'gentl'],
  ['ugly', 'ugli'],
  ['early', 'earli'],
  ['only', 'onli'],
  ['singly', 'singl'],
  ...['sky', 'news', 'howe', 'atlas', 'cosmos', 'bias', 'andes'].map((word) => [word, word] as const),
]);
const KEPT_AFTER_1A: ReadonlySet<string> = new Set([
  'inning',
  'outing',
  'canning',
  'herring',
  'earring',
  'proceed',
  'exceed',
  'succeed',
]);
const VOWEL = /[aeiouy]/;
const DOUBLE = /(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/;
const SHORT_END = /(?:^|[^aeiouy])[aeiouy][^aeiouywxY]$|^[aeiouy][^aeiouy]$/;

function begin(plain: string): State {
  const word = plain.replace(/^y/, 'Y').replace(/([aeiouy])y/g, '$1Y');
  const special = /^(?:gener|commun|arsen)/.exec(word);
  const r1 = special ? special[0].length : regionAfter(word, 0);
  return { word, r1, r2: regionAfter(word, r1) };
}

/** After the first consonant that follows a vowel. */
function regionAfter(word: string, from: number): number {
  const match = /[aeiouy][^aeiouy]/.exec(word.slice(from));
  return match ? from + match.index + 2 : word.length;
}

function step1a(state: State): void {
  const { word } = state;
  if (word.endsWith('sses')) state.word = word.slice(0, -2);
  else if (/ie[ds]$/.test(word)) state.word = word.slice(0, word.length > 4 ? -2 : -1);
  else if (/(?:us|ss)$/.test(word)) return;
  else if (word.endsWith('s') && VOWEL.test(word.slice(0, -2))) state.word = word.slice(0, -1);
}

function step1b(state: State): void {
  const { word, r1 } = state;
  const eed = /eed(?:ly)?$/.exec(word);
  if (eed) {
    if (eed.index >= r1) state.word = word.slice(0, eed.index + 2);
    return;
  }
  const suffix = /(?:ed|ing)(?:ly)?$/.exec(word);
  if (!suffix || !VOWEL.test(word.slice(0, suffix.index))) return;
  const rest = word.slice(0, suffix.index);
  if (/(?:at|bl|iz)$/.test(rest)) state.word = `${rest}e`;
  else if (DOUBLE.test(rest)) state.word = /^[aeo]..$/.test(rest) ? rest : rest.slice(0, -1);
  else state.word = r1 >= rest.length && SHORT_END.test(rest) ? `${rest}e` : rest;
}

function step1c(state: State): void {
  if (/.[^aeiouy][yY]$/.test(state.word)) state.word = `${state.word.slice(0, -1)}i`;
}

/** Suffixes, longest first, with what takes their place when they lie in R1. */
const STEP_2: readonly (readonly [suffix: string, replacement: string])[] = [
  ['ational', 'ate'],
  ['fulness', 'ful'],
  ['iveness', 'ive'],
  ['ization', 'ize'],
  ['ousness', 'ous'],
  ['biliti', 'ble'],
  ['lessli', 'less'],
  ['tional', 'tion'],
  ['alism', 'al'],
  ['aliti', 'al'],
  ['ation', 'ate'],
  ['entli', 'ent'],
  ['fulli', 'ful'],
  ['iviti', 'ive'],
  ['ousli', 'ous'],
  ['abli', 'able'],
  ['alli', 'al'],
  ['anci', 'ance'],
  ['ator', 'ate'],
  ['enci', 'ence'],
  ['izer', 'ize'],
  ['bli', 'ble'],
  ['ogi', 'og'],
  ['li', ''],
];

function step2(state: State): void {
  const { word, r1 } = state;
  const found = STEP_2.find(([suffix]) => word.endsWith(suffix));
  if (!found || word.length - found[0].length < r1) return;
  const [suffix, replacement] = found;
  const rest = word.slice(0, -suffix.length);
  if (suffix === 'ogi' && !rest.endsWith('l')) return;
  if (suffix === 'li' && !/[cdeghkmnrt]$/.test(rest)) return;
  state.word = rest + replacement;
}

const STEP_3: readonly (readonly [suffix: string, replacement: string])[] = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['alize', 'al'],
  ['ative', ''],
  ['icate', 'ic'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ness', ''],
  ['ful', ''],
];

function step3(state: State): void {
  const { word, r1, r2 } = state;
  const found = STEP_3.find(([suffix]) => word.endsWith(suffix));
  if (!found) return;
  const at = word.length - found[0].length;
  if (at >= (found[0] === 'ative' ? r2 : r1)) state.word = word.slice(0, at) + found[1];
}

const STEP_4 = /(?:ement|ance|ence|able|ible|ment|ant|ent|ism|ate|iti|ous|ive|ize|ion|al|er|ic)$/;

function step4(state: State): void {
  const { word, r2 } = state;
  const match = STEP_4.exec(word);
  if (!match || match.index < r2) return;
  const rest = word.slice(0, match.index);
  if (match[0] === 'ion' && !/[st]$/.test(rest)) return;
  state.word = rest;
}

function step5(state: State): void {
  const { word, r1, r2 } = state;
  const at = word.length - 1;
  const rest = word.slice(0, -1);
  if (word.endsWith('e')) {
    if (at >= r2 || (at >= r1 && !SHORT_END.test(rest))) state.word = rest;
  } else if (word.endsWith('l') && at >= r2 && rest.endsWith('l')) state.word = rest;
}
