import { rm } from 'node:fs/promises';
import { defineCommand, omit } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { ResumeJson } from '../json/resume.js';
import { exitCodeOfRun, renderRun } from '../output/run.js';
import { findBundleRoot, unpackForRun } from '../run/bundle-folder.js';
import { execute, withEngine, type RunData } from '../run/execute.js';
import { fetchAgain } from '../run/fetch-again.js';
import { getRunId } from '../run/run-id.js';

export const command = defineCommand<RunData, ResumeJson>({
  name: 'resume',
  about: 'Go on with a run that was cancelled or killed: what is done stays done.',
  positionals: { names: ['RUN'], required: 1, completes: ['run'] },
  flags: [],
  examples: ['sheaf resume 7f3k', 'sheaf resume 7f3k --json'],
  exitCodes: [0, 1, 3, 4, 6, 8, 130],
  run: (context, input) =>
    withEngine(context, async (engine) => {
      const run = engine.getRun(getRunId(engine, input.positionals[0] ?? ''));
      const { runId, source } = run;
      if (run.status === 'running') {
        throw new CliError('run.active', `run ${runId} goes on in another process`, {
          hint: [`watch it: sheaf logs ${runId} --follow`, `end it: sheaf cancel ${runId}`],
        });
      }
      const isOver = run.status === 'succeeded' || run.status === 'failed';
      if (isOver || source.kind === 'local') {
        const again = run.status === 'failed' ? `; from a step on: sheaf rerun ${runId} --from STEP` : '';
        const data = await execute(context, engine, {
          plan: run.plan,
          source,
          warnings: isOver ? [`run ${runId} had ended before, nothing was run${again}`] : [],
          start: (_engine, control) => engine.resume(runId, control),
        });
        return { data, exitCode: exitCodeOfRun(data.status) };
      }
      const stateDir = context.paths.state();
      const folder = await unpackForRun(stateDir, await fetchAgain(context, input, run, source));
      try {
        const left = findBundleRoot(stateDir, run.bundleDir);
        if (left !== undefined) await rm(left, { recursive: true, force: true });
        const data = await execute(context, engine, {
          plan: run.plan,
          source,
          warnings: [],
          start: (_engine, control) => engine.resume(runId, { bundleDir: folder.bundleDir, ...control }),
        });
        return { data, exitCode: exitCodeOfRun(data.status) };
      } finally {
        await folder.close();
      }
    }),
  toJson: (data) => omit(data, 'told'),
  jsonSummary: 'print each event as a line of JSON; the last line is the result',
  render: renderRun,
});
