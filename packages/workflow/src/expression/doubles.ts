import type { JsonValue, WorkflowDefinition } from '../model.js';
import type { SourceRange } from '../source/tree.js';
import { childrenOf, type Expression } from './ast.js';
import { parseTemplate } from './segments.js';

/**
 * Writes `double(…)` around each parameter of type number whose value has no fraction. JSON cannot say that 3 is a double, and without
 * it `params.n / params.m` would divide integers for some values and not for others.
 */
export function writeDoubles(
  template: string,
  definition: WorkflowDefinition,
  values: Readonly<Record<string, JsonValue>>,
): string {
  const names = new Set(
    Object.entries(definition.parameters)
      .filter(([name, { type }]) => type === 'number' && Number.isInteger(values[name]))
      .map(([name]) => name),
  );
  if (names.size === 0 || !template.includes('params')) return template;
  const ranges = parseTemplate(template)
    .flatMap((segment) => (segment.kind === 'expression' ? findReads(segment.expression, names) : []))
    .sort((a, b) => b.start - a.start);
  return ranges.reduce(
    (text, { start, end }) => `${text.slice(0, start)}double(${text.slice(start, end)})${text.slice(end)}`,
    template,
  );
}

function findReads(node: Expression, names: ReadonlySet<string>): readonly SourceRange[] {
  // has() asks about a field; a call would not be one.
  if (node.kind === 'has') return findReads(node.field.object, names);
  const name = readName(node);
  if (name !== undefined) return names.has(name) ? [node] : [];
  return childrenOf(node).flatMap((child) => findReads(child, names));
}

function readName(node: Expression): string | undefined {
  if ((node.kind !== 'member' && node.kind !== 'index') || node.object.kind !== 'name') return undefined;
  if (node.object.name !== 'params' || node.object.isRoot === true) return undefined;
  if (node.kind === 'member') return node.name;
  return node.index.kind === 'literal' && typeof node.index.value === 'string' ? node.index.value : undefined;
}
