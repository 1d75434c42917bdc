import { randomBytes } from 'node:crypto';
import type { Context } from '../frame/context.js';
import { stopCommands, type CiKind } from '../frame/ci.js';
import { describeEvent, endsStep, shownLine } from './describe-event.js';
import { createFloor, type FloorSink } from './floor.js';
import { createLineSplitter } from './lines.js';
import type { Reporter } from './report.js';

/**
 * In the log of a CI: what each step wrote folded under its name, one step behind the other, each with its end below. What a step
 * wrote is never taken for a command to the CI.
 */
export function foldingReporter(
  { ui, now }: Pick<Context, 'ui' | 'now'>,
  ci: Extract<CiKind, 'github' | 'gitlab'>,
): Reporter {
  const { style } = ui.stderr;
  const sink = ci === 'github' ? githubSink(ui) : gitlabSink(ui, now);
  const floor = createFloor(sink);
  const splitter = createLineSplitter();
  const take = (step: string, lines: readonly string[]): void => {
    for (const line of lines) floor.line(step, shownLine(line));
  };
  return {
    onEvent: (event) => {
      if (event.type === 'step.started') floor.begin(event.step);
      if (endsStep(event)) take(event.step, splitter.flush(event.step));
      const line = describeEvent(event, style);
      if (line === undefined) return;
      if (event.type === 'policy.decided') {
        if (event.step === undefined) ui.say(line);
        else floor.line(event.step, line);
        return;
      }
      if (!('step' in event)) return;
      floor.end(event.step, line);
    },
    onOutput: (step, stream, chunk) => {
      take(step, splitter.push(step, stream, chunk));
    },
    close: floor.close,
  };
}

type Out = Pick<Context['ui'], 'say' | 'mark'>;

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
function githubSink({ say, mark }: Out): FloorSink {
  let marks: ReturnType<typeof stopCommands> | undefined;
  return {
    open: (step) => {
      // Another word for each step: what one has printed into its own log must not be able to end the silence of the next.
      marks = stopCommands(randomBytes(16).toString('hex'));
      mark(`::group::${step}`);
      mark(marks.begin);
    },
    line: (_, line) => {
      mark(line);
    },
    dropped: (step, lines) => {
      say(describeDropped(step, lines));
    },
    close: () => {
      if (marks !== undefined) mark(marks.end);
      mark('::endgroup::');
    },
    end: say,
  };
}

/** https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections */
function gitlabSink({ say, mark }: Out, now: () => number): FloorSink {
  const section = (what: string, step: string): string =>
    `section_${what}:${Math.floor(now() / 1000)}:sheaf_${step}${what === 'start' ? '[collapsed=true]' : ''}\r\u001b[0K`;
  return {
    open: (step) => {
      mark(`${section('start', step)}${step}`);
    },
    line: (_, line) => {
      say(line);
    },
    dropped: (step, lines) => {
      say(describeDropped(step, lines));
    },
    close: (step) => {
      mark(section('end', step));
    },
    end: say,
  };
}

function describeDropped(step: string, lines: number): string {
  return `(${lines} earlier lines of ${step} are left out)`;
}
