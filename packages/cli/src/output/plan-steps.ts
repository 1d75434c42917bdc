import { inputVariable, type PlanStep, type PlanWork, type Templates } from '@sheaf/workflow';
import { printable, printableLines } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { formatDuration, formatLimit, hangText } from '../terminal/text.js';

/** Where a plan is shown. */
export interface PlanLook {
  /** Undefined in a pipe. */
  readonly columns: number | undefined;
  readonly style: Style;
}

/** Steps with all that they run, each behind its number: `2.1` is the first one in the second. */
export function renderSteps(steps: readonly PlanStep[], prefix: string, look: PlanLook): readonly string[] {
  return steps.flatMap((step, index) => ['', ...renderStep(step, `${prefix}${index + 1}`, look)]);
}

function renderStep(step: PlanStep, number: string, look: PlanLook): readonly string[] {
  const { columns, style } = look;
  const { work } = step;
  const about = [
    ...(step.needs.length === 0 ? [] : [`after ${step.needs.join(', ')}`]),
    describeWork(work),
    ...describeLoop(step),
    ...describeRetry(step),
    ...(step.timeoutMs === undefined ? [] : [`at most ${formatLimit(step.timeoutMs)}`]),
    ...(step.cache === undefined ? [] : ['cached']),
    ...(step.onFailure === 'continue' ? ['may fail'] : []),
  ];
  const line = (name: string, text: string): string => `    ${style.dim(name)} ${printable(text)}`;
  return [
    ...hangText(`${number} `, `${style.bold(step.id)} · ${about.join(' · ')}`, columns),
    ...(step.foreach === undefined ? [] : [line('each', step.foreach.items)]),
    ...(step.when === undefined ? [] : [line('when', step.when)]),
    ...listValues('env', step.env).map(([name, text]) => line(name, text)),
    ...inputsOf(step).map(([name, text]) => line(name, text)),
    ...detailsOf(work).map(([name, text]) => line(name, text)),
    // Not broken to the terminal's width: these are the very commands.
    ...codeOf(work).map((each) => `    ${each}`),
    ...(work.kind === 'block' ? renderSteps(work.steps, `${number}.`, look) : []),
  ];
}

type Line = readonly [name: string, text: string];

function describeWork(work: PlanWork): string {
  switch (work.kind) {
    case 'shell':
      return printable(typeof work.shell === 'string' ? work.shell : work.shell.join(' '));
    case 'script':
      return 'JavaScript, in a sandbox';
    case 'action':
      return printable(`${work.action} ${work.version}`);
    case 'workflow':
      return printable(`workflow ${work.workflow}`);
    case 'wait':
      return 'waits';
    case 'await_event':
      return printable(`waits for an event of ${work.source}`);
    case 'block':
      return 'block';
  }
}

function describeLoop({ foreach }: PlanStep): readonly string[] {
  if (foreach === undefined) return [];
  const most = foreach.maxParallel === undefined ? '' : `, ${foreach.maxParallel} at a time`;
  return [`for each ${foreach.as}${most}`];
}

function describeRetry({ retry }: PlanStep): readonly string[] {
  if (retry === undefined) return [];
  return [`up to ${retry.attempts} attempts, ${formatDuration(retry.delayMs)} apart`];
}

function listValues(kind: string, values: Templates): readonly Line[] {
  return Object.entries(values).map(
    ([name, value]) =>
      [kind, `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`] as const,
  );
}

/** What one of [actions] was given; a shell finds it under the names that are shown. */
function inputsOf({ inputs, work }: PlanStep): readonly Line[] {
  if (inputs === undefined) return [];
  if (work.kind !== 'shell') return listValues('input', inputs);
  const named = Object.entries(inputs).map(([name, value]) => [inputVariable(name), value] as const);
  return listValues('env', Object.fromEntries(named));
}

function detailsOf(work: PlanWork): readonly Line[] {
  switch (work.kind) {
    case 'script':
    case 'action':
    case 'workflow':
      return listValues('with', work.with);
    case 'wait':
      return work.until === undefined ? [['seconds', String(work.seconds ?? 0)]] : [['until', work.until]];
    case 'await_event':
      return [
        ...(work.match === undefined ? [] : [['match', work.match] as const]),
        ...(work.timeoutMs === undefined ? [] : [['at most', formatLimit(work.timeoutMs)] as const]),
      ];
    default:
      return [];
  }
}

function codeOf(work: PlanWork): readonly string[] {
  const code = work.kind === 'shell' ? work.run : work.kind === 'script' ? work.script : '';
  return code === '' ? [] : printableLines(code).trimEnd().split('\n');
}
