import type { Expression } from './ast.js';
import { lexExpression } from './lexer.js';
import { parseExpression } from './parser.js';

/** A part of a template: text as it stands, or an expression. Ranges are offsets in the template. */
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly expression: Expression };

/** Templates are evaluated again and again: for each item of a loop, for each run of a process that goes on. */
const CACHE = new Map<string, readonly Segment[]>();
/** Characters of all templates that are kept, some 100 bytes of memory each. */
const MAX_CACHED = 200_000;
let cached = 0;

/** Cuts a template at its `${{ … }}` and parses each. Throws WorkflowError `expression.syntax`, `expression.too_long`. */
export function parseTemplate(template: string): readonly Segment[] {
  if (!template.includes('${{')) return template === '' ? [] : [{ kind: 'text', text: template }];
  const known = CACHE.get(template);
  if (known !== undefined) return known;
  const segments = parse(template);
  if (template.length > MAX_CACHED / 10) return segments;
  if (cached + template.length > MAX_CACHED) {
    CACHE.clear();
    cached = 0;
  }
  cached += template.length;
  CACHE.set(template, segments);
  return segments;
}

function parse(template: string): readonly Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (let open = template.indexOf('${{'); open !== -1; open = template.indexOf('${{', from)) {
    if (open > from) segments.push({ kind: 'text', text: template.slice(from, open) });
    const { tokens, end } = lexExpression(template, open + 3);
    segments.push({ kind: 'expression', expression: parseExpression(tokens) });
    from = end;
  }
  if (from < template.length) segments.push({ kind: 'text', text: template.slice(from) });
  return segments;
}

/** The expression of a template that is nothing else. */
export function findSoleExpression(segments: readonly Segment[]): Expression | undefined {
  const [segment] = segments;
  return segments.length === 1 && segment?.kind === 'expression' ? segment.expression : undefined;
}
