import type { JsonValue } from '@sheaf/workflow';
import type { Look, Rendered } from '../frame/command.js';
import type { ExitCode } from '../frame/exit-codes.js';
import type { RunData } from '../run/execute.js';
import { printableLines } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { formatDuration, plural } from '../terminal/text.js';
import { renderError } from './error.js';

/** The exit code of a run's end. */
export function exitCodeOfRun(status: RunData['status']): ExitCode {
  return { succeeded: 0, failed: 8, cancelled: 130 }[status] as ExitCode;
}

/**
 * The outputs as the answer; why it failed, what was kept and what to do next as the talk. What warns of the version
 * comes at the end, but before the help of an error.
 */
export function renderRun(data: RunData, look: Look): Rendered {
  const warnings = data.warnings
    .filter((line) => line !== data.told)
    .map((line) => `${look.talkStyle.yellow('warning:')} ${line}`);
  const answer = renderOutputs(data.outputs, look);
  return data.status === 'succeeded'
    ? { answer, epilogue: [...warnings, renderSuccess(data, look)].join('\n') }
    : { answer, talk: [...warnings, renderEnd(data, look)].join('\n') };
}

/** One output: its text alone. Several: `name: value`, or the name and the indented lines of its text. */
export function renderOutputs(
  outputs: Readonly<Record<string, JsonValue>>,
  look: Pick<Look, 'columns'>,
): string {
  const entries = Object.entries(outputs).map(([name, value]): readonly [string, string] => {
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
    // A program that reads the answer gets the very text; a terminal must not be steered by it.
    return [name, look.columns === undefined ? text : printableLines(text)];
  });
  const [only] = entries;
  if (only !== undefined && entries.length === 1) return only[1];
  return entries
    .map(([name, text]) =>
      text.includes('\n') ? `${name}:\n${text.replace(/^(?=.)/gm, '  ')}` : `${name}: ${text}`,
    )
    .join('\n');
}

function renderSuccess({ runId, steps, facts }: RunData, { talkStyle }: Look): string {
  const all = Object.values(steps);
  const skipped = all.filter(({ status }) => status === 'skipped').length;
  const failed = all.filter(({ status }) => status === 'failed').length;
  return [
    `run ${runId} ${talkStyle.green('succeeded')}`,
    plural(all.length, 'step'),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(failed > 0 ? [`${failed} failed, which is allowed`] : []),
    formatDuration(facts.finishedMs - facts.startedMs),
  ].join(' · ');
}

function quoteLine(line: string): string {
  return `| ${printableLines(line).replaceAll('\t', '  ')}`;
}

function renderEnd(data: RunData, { talkStyle }: Look): string {
  if (data.status === 'cancelled') {
    const done = Object.values(data.steps).filter((step) => step.status === 'succeeded').length;
    return renderError(
      {
        code: 'run.cancelled',
        message: `run ${data.runId} was cancelled; ${done === 0 ? 'no step was done' : `${plural(done, 'step')} done ${done === 1 ? 'is' : 'are'} kept`}`,
        evidence: [],
        help: [`go on: sheaf resume ${data.runId}`],
      },
      talkStyle,
    );
  }
  const { failure } = data;
  if (failure === undefined) return '';
  const { step, lines, totalLines } = failure;
  const all =
    step === undefined ? `sheaf status ${data.runId}` : `sheaf logs ${data.runId} ${shellWord(step)}`;
  const count = totalLines > lines.length ? [`(the last ${lines.length} of ${totalLines} lines)`] : [];
  return renderError(
    {
      code: failure.code,
      message: failure.message,
      evidence: [...lines.map(quoteLine), ...count],
      help: [
        ...(failure.hint === undefined ? [] : [failure.hint]),
        `all that it wrote: ${all}`,
        ...(step === undefined
          ? []
          : [`fix it, keep what is done: sheaf rerun ${data.runId} --from ${shellWord(step)}`]),
        ...(data.workspace === undefined ? [] : [`look around: sheaf workspace shell ${data.runId}`]),
      ],
    },
    talkStyle,
  );
}
