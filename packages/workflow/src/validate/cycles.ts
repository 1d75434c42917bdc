import { findCycles } from '../graph.js';
import type { Step, WorkflowDefinition } from '../model.js';
import type { Finding, Path, RelatedFinding } from '../source/tree.js';
import { printable, tick } from '../text.js';
import { innerScope, listSteps } from '../walk.js';
import type { TemplateAnalysis } from './templates.js';

/** Says which steps wait for each other, by their own `needs` and by what their templates read: each way with its line. */
export function checkCycles(
  definition: WorkflowDefinition,
  reads: TemplateAnalysis['steps'],
): readonly Finding[] {
  const scopes = [{ steps: definition.steps, path: ['steps'] as Path }];
  for (const placed of listSteps(definition)) {
    const inner = innerScope(placed);
    if (inner !== undefined) scopes.push(inner);
  }
  return scopes.flatMap((scope) => checkScope(scope, reads));
}

function checkScope(
  { steps, path }: { readonly steps: Readonly<Record<string, Step>>; readonly path: Path },
  reads: TemplateAnalysis['steps'],
): readonly Finding[] {
  const ids = Object.keys(steps);
  const index = new Map(ids.map((id, at) => [id, at]));
  const needs = ids.map((id) => {
    const step = steps[id];
    const read = step === undefined ? undefined : reads.get(step);
    const all = new Set([...(step?.needs ?? []), ...(read?.keys() ?? [])]);
    return [...all].flatMap((need) => index.get(need) ?? []);
  });
  return findCycles(needs).flatMap((cycle) => {
    const members = cycle.flatMap((node) => steps[ids[node] ?? ''] ?? []);
    return describeCycle(members, path, reads);
  });
}

function describeCycle(
  steps: readonly Step[],
  scope: Path,
  reads: TemplateAnalysis['steps'],
): readonly Finding[] {
  const [first] = steps;
  if (first === undefined) return [];
  const ways = steps.slice(0, MAX_WAYS).map((step, at) => wayTo(step, steps[at + 1] ?? first, scope, reads));
  const [start, ...rest] = ways;
  if (start === undefined) return [];
  const { label, ...place } = start;
  if (steps.length > 1) {
    const names = [...steps, first].map(({ id }) => id);
    return [
      {
        code: 'step.cycle',
        message: `these steps wait for each other: ${showCycle(names)}`,
        hint: 'remove one of these needs or references',
        label,
        ...place,
        related: rest,
      },
    ];
  }
  const isNeed = first.needs.includes(first.id);
  return [
    {
      code: isNeed ? 'step.cycle' : 'reference.self',
      message: isNeed
        ? `step ${tick(first.id)} needs itself`
        : `step ${tick(first.id)} reads its own outputs`,
      hint: 'a step sees only what ran before it',
      label: isNeed ? 'the step itself' : 'not there before the step has run',
      ...place,
    },
  ];
}

/** Lines of a cycle that are shown; a cycle may have 10,000. */
const MAX_WAYS = 20;

/** Where a step says that it waits for another one. */
function wayTo(step: Step, other: Step, scope: Path, reads: TemplateAnalysis['steps']): RelatedFinding {
  const at = step.needs.indexOf(other.id);
  if (at !== -1) {
    return { path: [...scope, step.id, 'needs', at], label: `${tick(step.id)} needs ${tick(other.id)}` };
  }
  const label = `${tick(step.id)} reads ${tick(other.id)}`;
  const reference = reads.get(step)?.get(other.id);
  return reference === undefined ? { path: [...scope, step.id], at: 'key', label } : { ...reference, label };
}

function showCycle(names: readonly string[]): string {
  const shown = names.length <= 12 ? names : [...names.slice(0, 6), '…', ...names.slice(-5)];
  return shown.map((name) => printable(name)).join(' → ');
}
