import type { Context } from '../frame/context.js';
import { jsonWithoutCommands } from '../frame/ci.js';
import { endsStep } from './describe-event.js';
import { createLineSplitter } from './lines.js';
import type { Reporter } from './report.js';

/** A line of JSON for each event and for each line that a step writes. */
export function jsonReporter({ stdout, now }: Pick<Context, 'stdout' | 'now'>): Reporter {
  let runId: string | undefined;
  const print = (event: object): void => {
    stdout.write(`${jsonWithoutCommands({ schema: 'sheaf.run-event/1', ...event })}\n`);
  };
  const splitter = createLineSplitter();
  const printOutput = (step: string, lines: readonly string[], stream?: string): void => {
    const at = new Date(now()).toISOString();
    for (const text of lines)
      print({ type: 'step.output', runId, at, step, ...(stream === undefined ? {} : { stream }), text });
  };
  return {
    onEvent: (event) => {
      ({ runId } = event);
      if (endsStep(event)) printOutput(event.step, splitter.flush(event.step));
      print({ ...event, at: new Date(event.at).toISOString() });
    },
    onOutput: (step, stream, chunk) => {
      printOutput(step, splitter.push(step, stream, chunk), stream);
    },
    close: () => undefined,
  };
}
