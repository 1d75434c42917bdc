import type { MarkedText as Marked } from '@sheaf/client/contract';
import { visible } from './foreign.js';

/** A text of somebody else, with what a search has matched. */
export function MarkedText({ pieces }: { pieces: Marked }) {
  return (
    <bdi>
      {pieces.map(([text, isMatch], i) => (isMatch ? <mark key={i}>{visible(text)}</mark> : visible(text)))}
    </bdi>
  );
}
