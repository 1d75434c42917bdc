import type { Plan, PlanStep } from '@sheaf/workflow';
import { toStages } from '../run/stages.js';
import { printable, printableLines } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { formatLimit, hangText, plural } from '../terminal/text.js';
import { renderFacts, type Fact } from './facts.js';
import { listPermissions } from './permissions.js';

/** Where a plan is shown. */
export interface PlanLook {
  /** Undefined in a pipe. */
  readonly columns: number | undefined;
  readonly style: Style;
}

/** What would run: permissions, parameters, then each step with what it needs and its commands, and what it all gives. */
export function renderPlan(plan: Plan, { columns, style }: PlanLook): string {
  const { workflow, steps, outputs } = plan;
  const stages = toStages(steps.map(({ id, needs }) => ({ id, needs, mayFail: false })));
  const count = `${plural(steps.length, 'step')}${stages.length < steps.length ? ` in ${plural(stages.length, 'stage')}` : ''}`;
  const gives = Object.entries(outputs).map(([name, template]) => printable(`${name} = ${template}`));
  return [
    `${style.bold(`${workflow.id} ${workflow.version}`)} · ${count}`,
    ...renderFacts(factsOf(plan), columns, style),
    ...steps.flatMap((step, index) => ['', ...renderStep(step, index + 1, { columns, style })]),
    ...(gives.length === 0 ? [] : ['', ...renderFacts(oneEach('gives', gives), columns, style)]),
  ].join('\n');
}

function factsOf({ permissions, requirements, parameters }: Plan): readonly Fact[] {
  const asked = listPermissions(permissions);
  const tools = requirements.tools.map(({ name, minimum }) =>
    printable(minimum === undefined ? name : `${name} >= ${minimum}`),
  );
  const takes = Object.entries(parameters).map(([name, value]) =>
    printable(`${name} = ${JSON.stringify(value)}`),
  );
  return [
    ['may use', asked.length === 0 ? 'declares no permissions' : asked.join(' · ')],
    ...(tools.length === 0 ? [] : [['needs', tools.join(', ')] as const]),
    ...oneEach('takes', takes),
  ];
}

/** Lines beside one label, each broken where it must be. */
function oneEach(label: string, lines: readonly string[]): readonly Fact[] {
  return lines.map((line, index) => [index === 0 ? label : '', line]);
}

function renderStep(step: PlanStep, number: number, { columns, style }: PlanLook): readonly string[] {
  const about = [
    ...(step.needs.length === 0 ? [] : [`after ${step.needs.join(', ')}`]),
    step.shell,
    ...(step.timeoutMs === undefined ? [] : [`at most ${formatLimit(step.timeoutMs)}`]),
    ...(step.onFailure === 'continue' ? ['may fail'] : []),
  ];
  return [
    ...hangText(`${number} `, `${style.bold(step.id)} · ${about.join(' · ')}`, columns),
    ...(step.when === undefined ? [] : [`    ${style.dim('when')} ${printable(step.when)}`]),
    ...Object.entries(step.env).map(
      ([name, value]) => `    ${style.dim('env')} ${printable(name)}=${printable(value)}`,
    ),
    // Not broken to the terminal's width: these are the very commands.
    ...printableLines(step.run)
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`),
  ];
}
