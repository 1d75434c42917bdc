import type { Context } from '../frame/context.js';
import { describeEvent, endsStep, shownLine } from './describe-event.js';
import { createLineSplitter } from './lines.js';
import type { Reporter } from './report.js';

/** A line for each change and for each line that a step writes: for pipes, screen readers and terminals that cannot redraw. */
export function linesReporter({ ui }: Pick<Context, 'ui'>): Reporter {
  const { style, isTty } = ui.stderr;
  const splitter = createLineSplitter();
  const take = (step: string, lines: readonly string[]): void => {
    for (const line of lines) ui.say(`[${step}] ${shownLine(line)}`);
  };
  return {
    onEvent: (event) => {
      if (endsStep(event)) take(event.step, splitter.flush(event.step));
      // Somebody waits for it: without this nothing would be said until the step writes or ends.
      if (event.type === 'step.started' && isTty) ui.say(`${style.cyan('●')} ${event.step} runs`);
      const line = describeEvent(event, style);
      if (line !== undefined) ui.say(line);
    },
    onOutput: (step, stream, chunk) => {
      take(step, splitter.push(step, stream, chunk));
    },
    close: () => undefined,
  };
}
