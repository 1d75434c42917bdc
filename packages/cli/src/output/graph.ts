import { toStages, type GraphStep } from '../run/stages.js';
import { printable } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { plural } from '../terminal/text.js';

/** A workflow's steps and what they wait for. */
export interface Graph {
  readonly workflow: { readonly id: string; readonly version: string };
  /** Each stands behind what it needs. */
  readonly steps: readonly GraphStep[];
}

/** Mermaid's flowchart language (mermaid.js.org/syntax/flowchart.html). Nodes are numbered: a step may be called `end`. */
export function renderMermaid({ steps }: Graph): string {
  const names = new Map(steps.map(({ id }, index) => [id, `s${index}`]));
  return [
    'flowchart LR',
    ...steps.map(
      (step) =>
        `  ${names.get(step.id) ?? ''}${step.when === undefined ? `["${step.id}"]` : `{{"${step.id}"}}`}`,
    ),
    ...steps.flatMap(({ id, needs }) =>
      needs.map((need) => `  ${names.get(need) ?? ''} --> ${names.get(id) ?? ''}`),
    ),
  ].join('\n');
}

/** Graphviz's language (graphviz.org/doc/info/lang.html). */
export function renderDot({ workflow, steps }: Graph): string {
  return [
    `digraph ${quoteDot(`${workflow.id} ${workflow.version}`)} {`,
    '  rankdir=LR;',
    '  node [shape=box];',
    ...steps.map(({ id, when }) => `  ${quoteDot(id)}${when === undefined ? '' : ' [shape=hexagon]'};`),
    ...steps.flatMap(({ id, needs }) => needs.map((need) => `  ${quoteDot(need)} -> ${quoteDot(id)};`)),
    '}',
  ].join('\n');
}

/** By stages: what stands under one number can run at the same time. */
export function renderStages(
  { workflow, steps }: Graph,
  { columns, style }: { readonly columns: number | undefined; readonly style: Style },
): string {
  const stages = toStages(steps);
  const rows = stages.flatMap((stage, index) =>
    stage.map((step, place) => [
      { text: place === 0 ? String(index + 1) : '', full: String(index + 1) },
      step.id,
      step.needs.join(', '),
      [...(step.when === undefined ? [] : [`when ${step.when}`]), ...(step.mayFail ? ['may fail'] : [])].join(
        ' · ',
      ),
    ]),
  );
  const table = renderTable(
    [
      { title: 'STAGE' },
      { title: 'STEP' },
      { title: 'AFTER', least: 12 },
      { title: 'ONLY', least: 12, drop: 1 },
    ],
    rows,
    { columns, style },
  );
  if (columns === undefined) return table;
  const title = `${style.bold(`${workflow.id} ${workflow.version}`)} · ${plural(steps.length, 'step')} in ${plural(stages.length, 'stage')}`;
  return `${title}\n${table}`;
}

function quoteDot(text: string): string {
  return `"${printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
