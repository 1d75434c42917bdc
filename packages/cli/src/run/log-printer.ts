import { findCi, jsonWithoutCommands } from '../frame/ci.js';
import type { Context } from '../frame/context.js';
import { isJobLog } from '../frame/guard-output.js';
import { printableLines } from '../terminal/escape.js';
import { createLineSplitter } from './lines.js';

/** Prints the output of steps while it comes. */
export interface LogPrinter {
  readonly take: (step: string, chunk: Uint8Array) => void;
  /** Prints what a step wrote last, when that is no whole line. */
  readonly flush: (step: string) => void;
}

/**
 * Of one step into a file, or a pipe that no CI reads, the very bytes; else by lines, with the step before each where there are
 * several, and on a terminal or in the log of a job nothing in them that would steer a terminal. Under `--json` an event for each line.
 */
export function createLogPrinter(
  { stdout, json, env }: Pick<Context, 'stdout' | 'json' | 'env'>,
  { runId, single }: { readonly runId: string; readonly single: boolean },
): LogPrinter {
  // A CI reads lines for commands, and what looks like one is seen in whole lines only.
  const isShown = stdout.isTty || isJobLog(findCi(env));
  const isRaw = single && !json && !isShown;
  const splitter = createLineSplitter();
  const print = (step: string, lines: readonly string[]): void => {
    for (const text of lines) {
      const line = isShown ? printableLines(text) : text;
      if (json)
        stdout.write(
          `${jsonWithoutCommands({ schema: 'sheaf.run-event/1', type: 'step.output', runId, step, text })}\n`,
        );
      else stdout.write(single ? `${line}\n` : `[${step}] ${line}\n`);
    }
  };
  return {
    take: (step, chunk) => {
      if (isRaw) stdout.write(chunk);
      else print(step, splitter.push(step, 'log', chunk));
    },
    flush: (step) => {
      print(step, splitter.flush(step));
    },
  };
}
