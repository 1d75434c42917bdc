import { WorkflowError } from '../errors.js';
import type { SourceRange } from '../source/tree.js';

/** A part of an expression's text. Offsets are those of the whole text the lexer was given. */
export type Token = SourceRange &
  (
    | { readonly kind: 'int' | 'uint'; readonly value: bigint }
    | { readonly kind: 'double'; readonly value: number }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'bytes'; readonly value: Uint8Array }
    | { readonly kind: 'name'; readonly value: string }
    /** A name in backticks, which may follow a dot and nothing else. */
    | { readonly kind: 'quoted'; readonly value: string }
    | { readonly kind: 'punctuation'; readonly value: string }
    | { readonly kind: 'end' }
  );

/** Throws what is wrong with an expression's text. */
export function failSyntax(message: string, range: SourceRange, hint?: string): never {
  const { start, end } = range;
  throw new WorkflowError('expression.syntax', message, {
    range: { start, end },
    ...(hint === undefined ? {} : { hint }),
  });
}
