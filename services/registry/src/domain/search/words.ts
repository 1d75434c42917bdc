/**
 * One word of a text. `parts` is set when its spelling shows that it is made of several, as in `GitHub`: it is then found
 * by the whole as well as by the parts.
 */
export interface Word {
  readonly text: string;
  readonly parts?: readonly string[];
}

/** Longer words are cut: nobody looks for their ends, and the index holds none beyond 2 KiB. */
export const MAX_WORD_CHARACTERS = 48;

/** Scripts that put no spaces between words: found by pairs of neighbouring characters. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const PIECE = /[\p{L}\p{N}\p{M}]+/gu;
const HUMP = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;

/**
 * The words of a text, at most `limit`: letters and digits of any script, in lower case, without accents, whatever form
 * of Unicode they came in. Everything else separates. Time is linear in the text.
 */
export function wordsOf(text: string, limit: number): readonly Word[] {
  const words: Word[] = [];
  for (const [piece] of text.normalize('NFKC').matchAll(PIECE)) {
    if (words.length >= limit) break;
    if (UNSPACED.test(piece)) words.push(...pairsOf(piece).slice(0, limit - words.length));
    else words.push(wordOf(piece));
  }
  return words;
}

function wordOf(piece: string): Word {
  const text = plain(piece);
  if (!/\p{Lu}/u.test(piece.slice(1))) return { text };
  const parts = beginningOf(piece).split(HUMP).map(plain);
  return parts.length > 1 ? { text, parts } : { text };
}

function plain(piece: string): string {
  return beginningOf(piece).toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC');
}

/** As much of a word as is looked for; never half of a character, which no database takes. */
function beginningOf(piece: string): string {
  const cut = piece.slice(0, MAX_WORD_CHARACTERS);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

function pairsOf(piece: string): readonly Word[] {
  const characters = Array.from(piece.toLowerCase());
  if (characters.length === 1) return [{ text: characters.join('') }];
  return characters.slice(1).map((character, i) => ({ text: `${characters[i] ?? ''}${character}` }));
}

/** Words that say nothing of what a workflow is about; they count in names only. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a about above after again all am an and any are as at be because been before being below between both but by can could ' +
    'did do does doing down during each few for from further had has have having he her here hers him his how i if in into is ' +
    'it its just me more most my no nor not now of off on once only or other our ours out over own same she should so some ' +
    'such than that the their theirs them then there these they this those through to too under until up very was we were ' +
    'what when where which while who whom why will with would you your yours'
  ).split(' '),
);
