import type { MarkedText } from '@sheaf/client/contract';
import { stem } from './stem.js';
import type { TextQuery } from './query.js';
import { STOP_WORDS, wordsOf } from './words.js';

const PIECE = /([\p{L}\p{N}\p{M}]+)/gu;
/** Texts that are longer are marked at their beginning only. */
const MAX_CHARACTERS = 1_000;

/** Marks what a query matched. Made once for each query. */
export interface Marker {
  /** The text in pieces, or undefined when nothing in it matches. */
  mark(text: string): MarkedText | undefined;
}

export function createMarker({ words }: Pick<TextQuery, 'words'>): Marker {
  const asked = words.flatMap((word) => [word.text, ...(word.parts ?? [])]);
  const stems = new Set(asked.filter((text) => !STOP_WORDS.has(text)).map(stem));
  const whole = new Set(asked);
  const prefix = words.at(-1)?.text ?? '';
  const matches = (piece: string): boolean =>
    wordsOf(piece, 64).some(({ text, parts }) =>
      [text, ...(parts ?? [])].some(
        (each) =>
          stems.has(stem(each)) ||
          (whole.has(each) && !STOP_WORDS.has(each)) ||
          (prefix.length > 1 && each.startsWith(prefix)),
      ),
    );
  return {
    mark: (text) => {
      const marked = merge(
        text
          .slice(0, MAX_CHARACTERS)
          .split(PIECE)
          // Every second piece is what was split at.
          .map((piece, i): [string, boolean] => [piece, i % 2 === 1 && matches(piece)]),
        text.slice(MAX_CHARACTERS),
      );
      return marked.some(([, isHit]) => isHit) ? marked : undefined;
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
