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
  /** What runs after a failure, in this order. */
  readonly catch: readonly GraphStep[];
}

/** What stands on a box that holds steps, or on a step. */
export function labelOf({ id, each, uses }: GraphStep): string {
  const what = [...(uses === undefined ? [] : [uses]), ...(each === undefined ? [] : [`for each ${each}`])];
  return [id, ...what].join(' · ');
}

/** Mermaid's flowchart language (mermaid.js.org/syntax/flowchart.html). Nodes are numbered: a step may be called `end`. */
export function renderMermaid(graph: Graph): string {
  const edges: string[] = [];
  const nodes = drawMermaid(graph.steps, 's', '  ', edges);
  const after = graph.catch.length === 0 ? [] : drawMermaid(graph.catch, 'c', '    ', edges);
  return [
    'flowchart LR',
    ...nodes,
    ...(after.length === 0 ? [] : ['  subgraph c["catch"]', ...after, '  end']),
    ...edges,
  ].join('\n');
}

function drawMermaid(
  steps: readonly GraphStep[],
  prefix: string,
  indent: string,
  edges: string[],
): readonly string[] {
  const names = new Map(steps.map(({ id }, index) => [id, `${prefix}${index}`]));
  return steps.flatMap((step) => {
    const name = names.get(step.id) ?? '';
    for (const need of step.needs) edges.push(`  ${names.get(need) ?? ''} --> ${name}`);
    const label = printable(labelOf(step)).replaceAll('"', '#quot;');
    if (step.steps === undefined) {
      return [`${indent}${name}${step.when === undefined ? `["${label}"]` : `{{"${label}"}}`}`];
    }
    const inner = drawMermaid(step.steps, `${name}_`, `${indent}  `, edges);
    return [`${indent}subgraph ${name}["${label}"]`, ...inner, `${indent}end`];
  });
}

/** Graphviz's language (graphviz.org/doc/info/lang.html). Edges of a box begin and end at a step in it and are cut at its border. */
export function renderDot({ workflow, steps, catch: after }: Graph): string {
  const edges: string[] = [];
  const nodes = drawDot(steps, '', '  ', edges);
  const last = after.length === 0 ? [] : drawDot(after, 'catch.', '    ', edges);
  return [
    `digraph ${quoteDot(`${workflow.id} ${workflow.version}`)} {`,
    '  rankdir=LR;',
    '  compound=true;',
    '  node [shape=box];',
    ...nodes,
    ...(last.length === 0 ? [] : ['  subgraph "cluster_catch" {', '    label="catch";', ...last, '  }']),
    ...edges,
    '}',
  ].join('\n');
}

function drawDot(
  steps: readonly GraphStep[],
  prefix: string,
  indent: string,
  edges: string[],
): readonly string[] {
  const known = new Map(steps.map((step) => [step.id, step]));
  return steps.flatMap((step) => {
    for (const need of step.needs) {
      const from = known.get(need);
      if (from !== undefined) edges.push(drawDotEdge(from, step, prefix));
    }
    const path = `${prefix}${step.id}`;
    const label = labelOf(step) === path ? '' : `label=${quoteDot(labelOf(step))}`;
    if (step.steps === undefined) {
      const parts = [label, step.when === undefined ? '' : 'shape=hexagon'].filter((part) => part !== '');
      return [`${indent}${quoteDot(path)}${parts.length === 0 ? '' : ` [${parts.join(' ')}]`};`];
    }
    return [
      `${indent}subgraph ${quoteDot(`cluster_${path}`)} {`,
      `${indent}  label=${quoteDot(labelOf(step))};`,
      ...drawDot(step.steps, `${path}.`, `${indent}  `, edges),
      `${indent}}`,
    ];
  });
}

function drawDotEdge(from: GraphStep, to: GraphStep, prefix: string): string {
  const ends = [
    ...(from.steps === undefined ? [] : [`ltail=${quoteDot(`cluster_${prefix}${from.id}`)}`]),
    ...(to.steps === undefined ? [] : [`lhead=${quoteDot(`cluster_${prefix}${to.id}`)}`]),
  ];
  const nodes = [from, to].map((step) => quoteDot(`${prefix}${firstLeaf(step)}`));
  return `  ${nodes.join(' -> ')}${ends.length === 0 ? '' : ` [${ends.join(' ')}]`};`;
}

/** The path, within its scope, of a step that is a node: Graphviz has no edges of boxes. */
function firstLeaf({ id, steps }: GraphStep): string {
  const [first] = steps ?? [];
  return first === undefined ? id : `${id}.${firstLeaf(first)}`;
}

/** By stages: what stands under one number can run at the same time; `2.1` is the first stage of a step of the second. */
export function renderStages(
  { workflow, steps, catch: after }: Graph,
  { columns, style }: { readonly columns: number | undefined; readonly style: Style },
): string {
  const stages = toStages(steps);
  const rows = [...listRows(steps, '', ''), ...listRows(after, 'catch.', 'catch.')];
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

function listRows(
  steps: readonly GraphStep[],
  number: string,
  prefix: string,
): Parameters<typeof renderTable>[1] {
  return toStages(steps).flatMap((stage, index) =>
    stage.flatMap((step, place) => {
      const full = `${number}${index + 1}`;
      const only = [
        ...(step.uses === undefined ? [] : [`uses ${step.uses}`]),
        ...(step.each === undefined ? [] : [`for each ${step.each}`]),
        ...(step.when === undefined ? [] : [`when ${step.when}`]),
        ...(step.mayFail ? ['may fail'] : []),
      ];
      const row = [
        { text: place === 0 ? full : '', full },
        `${prefix}${step.id}`,
        step.needs.join(', '),
        only.join(' · '),
      ];
      return [row, ...listRows(step.steps ?? [], `${full}.`, `${prefix}${step.id}.`)];
    }),
  );
}

function quoteDot(text: string): string {
  return `"${printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
