import { WorkflowError, type WorkflowErrorCode } from '../errors.js';
import { childrenOf, type Expression } from '../expression/ast.js';
import { parseTemplate } from '../expression/segments.js';
import { evaluateTemplate } from '../expression/template.js';
import type { JsonValue } from '../model.js';
import type { SourceRange } from '../source/tree.js';

/** More constants, and longer ones, are not evaluated: what takes long is not written by hand. */
const MAX_EVALUATED = 100;
const MAX_LENGTH = 100;

/** What a template comes to in every run. */
export type Constant =
  { readonly value: JsonValue } | { readonly error: string; readonly within: SourceRange };

/** What the value of an expression cannot be, however well its types go together. */
const OF_VALUES: ReadonlySet<WorkflowErrorCode> = new Set([
  'expression.division',
  'expression.overflow',
  'expression.value',
  'expression.missing',
]);

/** Finds what templates come to that read nothing of the run: of a hundred short ones, of each but once. */
export function createConstants(): (template: string) => Constant | undefined {
  const known = new Map<string, Constant | undefined>();
  return (template) => {
    if (!template.includes('${{') || template.length > MAX_LENGTH) return undefined;
    if (!known.has(template) && known.size < MAX_EVALUATED) known.set(template, findConstant(template));
    return known.get(template);
  };
}

/** Undefined for what is not the same in every run, or cannot be evaluated. */
function findConstant(template: string): Constant | undefined {
  try {
    const segments = parseTemplate(template);
    if (segments.some((each) => each.kind === 'expression' && readsNames(each.expression, new Set())))
      return undefined;
    return { value: evaluateTemplate(template, { params: {}, steps: {} }) };
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    if (!OF_VALUES.has(error.code)) return undefined;
    return { error: error.message, within: error.range ?? { start: 0, end: template.length } };
  }
}

/** Whether an expression reads a name that it does not give itself. */
function readsNames(node: Expression, own: ReadonlySet<string>): boolean {
  switch (node.kind) {
    case 'name':
      return node.isRoot === true || !own.has(node.name);
    case 'comprehension': {
      const inside = new Set([...own, ...node.variables.map(({ name }) => name)]);
      const inner = node.filter === undefined ? [node.body] : [node.filter, node.body];
      return readsNames(node.target, own) || inner.some((each) => readsNames(each, inside));
    }
    case 'bind':
      return readsNames(node.value, own) || readsNames(node.body, new Set([...own, node.variable.name]));
    default:
      return childrenOf(node).some((each) => readsNames(each, own));
  }
}
