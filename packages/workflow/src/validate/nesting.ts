import type { Step, WorkflowDefinition } from '../model.js';
import { MAX_FINDINGS, type Finding, type Path } from '../source/tree.js';
import { tick } from '../text.js';
import { listSteps, type PlacedStep } from '../walk.js';
import { definitionOf } from './related.js';

/** Most levels of steps in steps; those at the top are the first. */
const MAX_LEVELS = 8;
/** Most steps of a workflow, at all levels. */
const MAX_STEPS = 10_000;
/** Names that expressions have for something else, and words of the language. */
const RESERVED = new Set(
  (
    'params steps run env event error inputs input secrets true false null in as break const continue else for function if import let loop ' +
    'package namespace return var void while has size all exists map filter'
  ).split(' '),
);

/** Checks what steps in steps may be called, how deep they lie and how many they are. */
export function checkNesting(definition: WorkflowDefinition): readonly Finding[] {
  const findings: Finding[] = [...checkCatchIds(definition.catch, definition.steps)];
  let count = 0;
  for (const placed of listSteps(definition)) {
    count += 1;
    if (findings.length >= MAX_FINDINGS) break;
    findings.push(...checkLevel(placed), ...checkShadow(placed), ...checkLoopName(placed));
  }
  if (count > MAX_STEPS) {
    findings.push({
      code: 'value.range',
      message: `steps has ${count} steps at all levels, more than ${MAX_STEPS}`,
      path: ['steps'],
      at: 'key',
    });
  }
  return findings;
}

/** Told of the first level that is too deep: what lies deeper follows from it. */
function checkLevel({ step, path, scope }: PlacedStep): readonly Finding[] {
  let levels = 1;
  for (let at = scope.owner; at !== undefined; at = at.scope.owner) levels += 1;
  if (levels !== MAX_LEVELS + 1) return [];
  return [
    {
      code: 'step.depth',
      message: `step ${tick(step.id)} lies more than ${MAX_LEVELS} levels deep`,
      path,
      at: 'key',
    },
  ];
}

/** A name that is there at two levels would mean one thing here and another there. */
function checkShadow({ step, path, scope }: PlacedStep): readonly Finding[] {
  for (let at = scope.owner; at !== undefined; at = at.scope.owner) {
    if (!Object.hasOwn(at.scope.steps, step.id)) continue;
    const outer: Path = at.scope.steps[step.id] === at.step ? at.path : [...at.scope.path, step.id];
    return [
      {
        code: 'step.shadowed',
        message: `a step around this one is called ${tick(step.id)} too`,
        label: 'the same name again',
        path,
        at: 'key',
        ...(at.scope.isCatch ? {} : { related: [definitionOf(outer)] }),
      },
    ];
  }
  return [];
}

function checkLoopName({ step, path, scope }: PlacedStep): readonly Finding[] {
  const { foreach } = step;
  if (foreach === undefined) return [];
  const place = { path: [...path, 'as'] };
  if (RESERVED.has(foreach.as)) {
    return [
      {
        code: 'loop.name',
        message: `${tick(foreach.as)} means something else in expressions`,
        hint: 'give the item another name',
        ...place,
      },
    ];
  }
  for (let at = scope.owner; at !== undefined; at = at.scope.owner) {
    if (at.step.foreach?.as !== foreach.as) continue;
    return [
      {
        code: 'loop.name',
        message: `the item of a loop around this one is called ${tick(foreach.as)} too`,
        hint: 'give each its own name with `as`',
        ...place,
        related: [{ path: at.path, at: 'key', label: 'the loop around it' }],
      },
    ];
  }
  return [];
}

function checkCatchIds(steps: readonly Step[], others: Readonly<Record<string, Step>>): readonly Finding[] {
  const seen = new Map<string, number>();
  return steps.flatMap(({ id }, at): readonly Finding[] => {
    const before = seen.get(id);
    seen.set(id, before ?? at);
    const first: Path | undefined =
      before !== undefined ? ['catch', before, 'id'] : Object.hasOwn(others, id) ? ['steps', id] : undefined;
    if (first === undefined) return [];
    return [
      {
        code: 'step.shadowed',
        message: `another step is called ${tick(id)} too`,
        label: 'the same name again',
        path: ['catch', at, 'id'],
        related: [{ path: first, ...(before === undefined ? { at: 'key' } : {}), label: 'the other one' }],
      },
    ];
  });
}
