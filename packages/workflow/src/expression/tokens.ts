import { WorkflowError } from '../errors.js';
import type { SourceRange } from '../source/tree.js';

/** A part of an expression's text. Offsets are those of the whole text the lexer was given. */
export type Token = SourceRange &
  (
    | { readonly kind: 'int'; readonly value: bigint }
    | { readonly kind: 'double'; readonly value: number }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'name'; readonly value: string }
    | { readonly kind: 'punctuation'; readonly value: string }
    | { readonly kind: 'end' }
  );

/** Throws what is wrong with an expression's text. */
export function failSyntax(message: string, range: SourceRange, hint?: string): never {
  throw new WorkflowError('expression.syntax', message, { range, ...(hint === undefined ? {} : { hint }) });
}
