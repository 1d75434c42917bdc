import type { Plan } from '@sheaf/workflow';
import { printable, printableLines } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { formatDuration } from '../terminal/text.js';
import { listPermissions } from './permissions.js';

/** What would run: permissions, parameters, then each step with what it needs and its commands. */
export function renderPlan(plan: Plan, style: Style): string {
  const permissions = listPermissions(plan.permissions);
  const tools = plan.requirements.tools.map((tool) =>
    tool.minimum === undefined ? tool.name : `${tool.name} >= ${tool.minimum}`,
  );
  const parameters = Object.entries(plan.parameters).map(
    ([name, value]) => `${name} = ${JSON.stringify(value)}`,
  );
  const facts: readonly (readonly [string, string])[] = [
    ['may use', permissions.length === 0 ? 'declares no permissions' : permissions.join(' · ')],
    ...(tools.length === 0 ? [] : [['needs', tools.map((tool) => printable(tool)).join(', ')] as const]),
    ...parameters.map((line, index): readonly [string, string] => [
      index === 0 ? 'takes' : '',
      printable(line),
    ]),
  ];
  return [
    style.bold(`${plan.workflow.id} ${plan.workflow.version}`),
    ...facts.map(([label, text]) => `${style.dim(label.padEnd(8))} ${text}`),
    ...plan.steps.flatMap((step, index) => [
      '',
      [
        `${index + 1} ${style.bold(step.id)}`,
        ...(step.needs.length === 0 ? [] : [`after ${step.needs.join(', ')}`]),
        step.shell,
        ...(step.timeoutMs === undefined ? [] : [`at most ${formatDuration(step.timeoutMs)}`]),
        ...(step.onFailure === 'continue' ? ['may fail'] : []),
      ].join(' · '),
      ...(step.when === undefined ? [] : [`    when ${printable(step.when)}`]),
      ...Object.entries(step.env).map(
        ([name, value]) => `    ${style.dim('env')} ${printable(name)}=${printable(value)}`,
      ),
      ...printableLines(step.run)
        .trimEnd()
        .split('\n')
        .map((line) => `    ${line}`),
    ]),
    ...Object.entries(plan.outputs).map(
      ([name, template], index) =>
        `${index === 0 ? '\n' : ''}gives ${printable(name)} = ${printable(template)}`,
    ),
  ].join('\n');
}
