import type { Plan } from '@sheaf/workflow';
import { toStages } from '../run/stages.js';
import { printable } from '../terminal/escape.js';
import { plural } from '../terminal/text.js';
import { renderFacts, type Fact } from './facts.js';
import { listPermissions } from './permissions.js';
import { renderSteps, type PlanLook } from './plan-steps.js';

/** What would run: permissions, parameters, then each step with what it needs and its commands, and what it all gives. */
export function renderPlan(plan: Plan, { columns, style }: PlanLook): string {
  const { workflow, steps, outputs } = plan;
  const stages = toStages(steps.map(({ id, needs }) => ({ id, needs, mayFail: false })));
  const count = `${plural(steps.length, 'step')}${stages.length < steps.length ? ` in ${plural(stages.length, 'stage')}` : ''}`;
  const gives = [
    ...Object.entries(outputs).map(([name, template]) => printable(`${name} = ${template}`)),
    ...Object.entries(plan.artifacts).map(([name, { path }]) => printable(`file ${name}: ${path}`)),
  ];
  return [
    `${style.bold(`${workflow.id} ${workflow.version}`)} · ${count}`,
    ...renderFacts(factsOf(plan), columns, style),
    ...renderSteps(steps, '', { columns, style }),
    ...renderOthers(plan, { columns, style }),
    ...(gives.length === 0 ? [] : ['', ...renderFacts(oneEach('gives', gives), columns, style)]),
  ].join('\n');
}

function factsOf({ permissions, requirements, parameters }: Plan): readonly Fact[] {
  const tools = requirements.tools.map(({ name, minimum }) =>
    printable(minimum === undefined ? name : `${name} >= ${minimum}`),
  );
  const takes = Object.entries(parameters).map(([name, value]) =>
    printable(`${name} = ${JSON.stringify(value)}`),
  );
  return [
    permissionsOf(permissions),
    ...(tools.length === 0 ? [] : [['needs', tools.join(', ')] as const]),
    ...oneEach('takes', takes),
  ];
}

/** Lines beside one label, each broken where it must be. */
function oneEach(label: string, lines: readonly string[]): readonly Fact[] {
  return lines.map((line, index) => [index === 0 ? label : '', line]);
}

/** What else a plan runs: after a failure, and in the workflows that it uses. */
function renderOthers({ catch: after, workflows }: Plan, look: PlanLook): readonly string[] {
  const { columns, style } = look;
  return [
    ...(after.length === 0 ? [] : ['', style.bold('after a failure'), ...renderSteps(after, '', look)]),
    ...Object.entries(workflows).flatMap(([key, inner]) => [
      '',
      `${style.bold(`workflow ${printable(key)}`)}${inner.digest === undefined ? '' : ` · ${inner.digest}`}`,
      ...renderFacts([permissionsOf(inner.permissions), ...handedOn(inner.parameters)], columns, style),
      ...renderSteps(inner.steps, '', look),
    ]),
  ];
}

/** What a workflow gets of its caller besides: parameters that widen what it may do. */
function handedOn(parameters: Plan['workflows'][string]['parameters']): readonly Fact[] {
  const widening = Object.entries(parameters).flatMap(([name, parameter]) => {
    if (parameter.type === 'secret') return [`${printable(name)} (secret)`];
    return parameter.type === 'path' ? [`${printable(name)} (${parameter.access})`] : [];
  });
  return widening.length === 0
    ? []
    : [['is given', `${widening.join(', ')}: as far as what calls it may use that itself`]];
}

function permissionsOf(permissions: Plan['permissions']): Fact {
  const asked = listPermissions(permissions);
  return ['may use', asked.length === 0 ? 'declares no permissions' : asked.join(' · ')];
}
