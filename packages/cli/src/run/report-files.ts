import { appendFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { assertReplaceable, replaceFile } from '../config/replace-file.js';
import type { Flag, Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError, describeError } from '../frame/errors.js';
import { exitCodeOf } from '../frame/exit-codes.js';
import { renderJunit } from '../output/junit.js';
import { exitCodeOfRun } from '../output/run.js';
import { summarise, summariseRefusal } from '../output/run-summary.js';
import { renderStepSummary } from '../output/step-summary.js';
import type { RunSummaryDocument } from '../output/run-summary.js';
import { findStepSummary } from '../frame/ci.js';
import type { RunData } from './execute.js';

export const REPORT_FLAGS: readonly Flag[] = [
  {
    name: 'summary',
    value: 'FILE',
    completes: 'file',
    summary: 'write what ran, and how it ended, to a JSON file',
  },
  {
    name: 'junit',
    value: 'FILE',
    completes: 'file',
    summary: 'write the steps as test cases to an XML file',
  },
];

/**
 * Does a run, and writes the files that tell of it, whole or not at all, also when it failed or never began. On GitHub a table is
 * added to the summary of the job.
 *
 * @throws CliError `report.unwritable` before anything is done; whatever `work` throws
 */
export async function withReports(
  context: Context,
  input: Input,
  work: () => Promise<RunData>,
): Promise<RunData> {
  const paths = {
    summary: await readPath(context, input, 'summary'),
    junit: await readPath(context, input, 'junit'),
    page: findStepSummary(context.env),
  };
  const write = async (document: RunSummaryDocument): Promise<void> => {
    const { summary, junit, page } = paths;
    if (summary !== undefined)
      await attempt(context, summary, () => replaceFile(summary, `${JSON.stringify(document, null, 2)}\n`));
    if (junit !== undefined) await attempt(context, junit, () => replaceFile(junit, renderJunit(document)));
    if (page !== undefined) await attempt(context, page, () => appendFile(page, renderStepSummary(document)));
  };
  try {
    const data = await work();
    await write(summarise(data, exitCodeOfRun(data.status)));
    return data;
  } catch (error) {
    const report = describeError(error);
    await write(summariseRefusal(report, exitCodeOf(report), input.positionals[0] ?? ''));
    throw error;
  }
}

/** Found out before anything runs: afterwards it would be too late to choose another place. */
async function readPath(context: Context, input: Input, flag: string): Promise<string | undefined> {
  const given = input.get(flag);
  if (given === undefined) return undefined;
  const path = resolve(context.cwd, given);
  try {
    await assertReplaceable(path);
    return path;
  } catch (error) {
    throw new CliError('report.unwritable', `--${flag} ${given} cannot be written`, {
      hint: `make the folder first: mkdir -p ${dirname(given)}`,
      cause: error,
    });
  }
}

/** What became of the run counts for more than that it could not be told. */
async function attempt(context: Context, path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.ui.warn(`${path} could not be written: ${why}`);
  }
}
