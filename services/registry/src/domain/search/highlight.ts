import type { MarkedText } from '@sheaf/client/contract';
import { stem } from './stem.js';
import type { TextQuery } from './query.js';
import { STOP_WORDS, wordsOf } from './words.js';

const PIECE = /([\p{L}\p{N}\p{M}]+)/gu;
/** One word in one script, with capitals only at its beginning. */
const PLAIN = /^[A-Za-z0-9][a-z0-9]*$/;
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
    // Nearly every piece is settled by its first letter: neither stems nor beginnings change it.
    if (PLAIN.test(piece) && !firsts.has(piece.charAt(0).toLowerCase())) return false;
    return wordsOf(piece, 64).some(({ text, parts }) => isAsked(text) || (parts ?? []).some(isAsked));
  };
  return {
    mark: (text) => {
      const pieces = text
        .slice(0, MAX_CHARACTERS)
        .split(PIECE)
        // Every second piece is what was split at.
        .map((piece, i): [string, boolean] => [piece, i % 2 === 1 && matches(piece)]);
      return pieces.some(([, isHit]) => isHit) ? merge(pieces, text.slice(MAX_CHARACTERS)) : undefined;
    },
  };
}

function merge(pieces: readonly [string, boolean][], rest: string): MarkedText {
  const merged: [string, boolean][] = [];
  for (const [text, isHit] of [...pieces, [rest, false] as [string, boolean]]) {
    const last = merged.at(-1);
    if (text === '') continue;
    if (last?.[1] === isHit) last[0] += text;
    else merged.push([text, isHit]);
  }
  return merged;
}
