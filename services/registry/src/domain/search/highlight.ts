import type { MarkedText } from '@sheaf/client/contract';
import { stem } from './stem.js';
import type { TextQuery } from './query.js';
import { STOP_WORDS, wordsOf } from './words.js';

const PIECE = /[\p{L}\p{N}\p{M}]+/gu;
/** One word in one script, with capitals only at its beginning. */
const PLAIN = /^[A-Za-z0-9][a-z0-9]{0,47}$/;
const ASCII = /^[\0-\x7f]*$/;
/** Texts that are longer are marked at their beginning only. */
const MAX_CHARACTERS = 1_000;

/** Marks what a query matched. Made once for each query. */
export interface Marker {
  /** The text in pieces, or undefined when nothing in it matches. */
  mark(text: string): MarkedText | undefined;
}

export function createMarker({ words }: Pick<TextQuery, 'words'>): Marker {
  const asked = words.flatMap((word) => [word.text, ...(word.parts ?? [])]);
  const telling = asked.filter((text) => !STOP_WORDS.has(text));
  const stems = new Set(telling.map(stem));
  const whole = new Set(telling);
  const prefix = words.at(-1)?.text ?? '';
  const firsts = new Set(asked.map((text) => text.charAt(0)));
  const isAsked = (text: string): boolean =>
    whole.has(text) || (prefix.length > 1 && text.startsWith(prefix)) || stems.has(stem(text));
  const matches = (piece: string): boolean => {
    if (!PLAIN.test(piece))
      return wordsOf(piece, 64).some(({ text, parts }) => isAsked(text) || (parts ?? []).some(isAsked));
    // Nearly every piece is settled by its first letter: neither stems nor beginnings change it.
    const text = piece.toLowerCase();
    return firsts.has(text.charAt(0)) && isAsked(text);
  };
  return {
    mark: (text) => {
      const pieces: [string, boolean][] = [];
      let end = 0;
      for (const [from, to] of piecesOf(text.slice(0, MAX_CHARACTERS))) {
        if (!matches(text.slice(from, to))) continue;
        if (end < from) pieces.push([text.slice(end, from), false]);
        pieces.push([text.slice(from, to), true]);
        end = to;
      }
      if (pieces.length === 0) return undefined;
      return end < text.length ? [...pieces, [text.slice(end), false]] : pieces;
    },
  };
}

/** Where words begin and end. */
function piecesOf(text: string): readonly (readonly [number, number])[] {
  if (!ASCII.test(text))
    return Array.from(text.matchAll(PIECE), ({ 0: piece, index }) => [index, index + piece.length] as const);
  const found: [number, number][] = [];
  let from = -1;
  for (let i = 0; i <= text.length; i += 1) {
    const isPart = i < text.length && isAlphanumeric(text.charCodeAt(i));
    if (isPart && from === -1) from = i;
    if (isPart || from === -1) continue;
    found.push([from, i]);
    from = -1;
  }
  return found;
}

/** Of ASCII. */
function isAlphanumeric(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57);
}
