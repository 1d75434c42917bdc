import type { Context } from '../frame/context.js';
import { printableLines } from '../terminal/escape.js';
import { createLineSplitter } from './lines.js';

/** Prints the output of steps while it comes. */
export interface LogPrinter {
  readonly take: (step: string, chunk: Uint8Array) => void;
  /** Prints what a step wrote last, when that is no whole line. */
  readonly flush: (step: string) => void;
}

/**
 * Of one step into a pipe, the very bytes; else by lines, with the step before each where there are several, and nothing in them
 * that would steer a terminal. Under `--json` an event for each line.
 */
export function createLogPrinter(
  { stdout, json }: Pick<Context, 'stdout' | 'json'>,
  { runId, single }: { readonly runId: string; readonly single: boolean },
): LogPrinter {
  const splitter = createLineSplitter();
  const print = (step: string, lines: readonly string[]): void => {
    for (const text of lines) {
      const line = stdout.isTty ? printableLines(text) : text;
      if (json)
        stdout.write(
          `${JSON.stringify({ schema: 'sheaf.run-event/1', type: 'step.output', runId, step, text })}\n`,
        );
      else stdout.write(single ? `${line}\n` : `[${step}] ${line}\n`);
    }
  };
  return {
    take: (step, chunk) => {
      if (single && !json && !stdout.isTty) stdout.write(chunk);
      else print(step, splitter.push(step, 'log', chunk));
    },
    flush: (step) => {
      print(step, splitter.flush(step));
    },
  };
}
