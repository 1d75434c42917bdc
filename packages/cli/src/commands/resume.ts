import { rm } from 'node:fs/promises';
import type { Engine, StepResult } from '@sheaf/engine';
import type { Input } from '../frame/args.js';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { ResumeJson } from '../json/resume.js';
import { exitCodeOfRun, renderRun } from '../output/run.js';
import { toRunJson } from '../output/run-json.js';
import { findBundleRoot, unpackForRun } from '../run/bundle-folder.js';
import { execute, withEngine, type RunData } from '../run/execute.js';
import { fetchAgain, fetchUsedAgain, provenanceOf } from '../run/fetch-again.js';
import { holdAgain } from '../policy/hold-again.js';
import { PROFILE_FLAG } from '../run/profile.js';
import { REPORT_FLAGS, withReports } from '../run/report-files.js';
import { getRunId } from '../run/run-id.js';
import { DOTENV_FLAG, secretsOf } from '../secrets/run-source.js';
import { KEEP_WORKSPACE_FLAG, readKeepWorkspace } from '../run/workspace-choice.js';

export const command = defineCommand<RunData, ResumeJson>({
  name: 'resume',
  about: 'Go on with a run that was cancelled or killed: what is done stays done.',
  positionals: { names: ['RUN'], required: 1, completes: ['run'] },
  flags: [PROFILE_FLAG, DOTENV_FLAG, KEEP_WORKSPACE_FLAG, ...REPORT_FLAGS],
  examples: ['sheaf resume 7f3k', 'sheaf resume 7f3k --json'],
  exitCodes: [0, 1, 3, 4, 5, 6, 8, 130],
  run: async (context, input) => {
    const secrets = await secretsOf(context, input);
    const data = await withReports(context, input, () =>
      withEngine(context, (engine) => resumeRun(context, input, engine), { secrets }),
    );
    return { data, exitCode: exitCodeOfRun(data.status) };
  },
  toJson: toRunJson,
  jsonSummary: 'print each event as a line of JSON; the last line is the result',
  render: renderRun,
});

async function resumeRun(context: Context, input: Input, engine: Engine): Promise<RunData> {
  const run = engine.getRun(getRunId(engine, input.positionals[0] ?? ''));
  const { runId, source, plan } = run;
  if (run.status === 'running') {
    throw new CliError('run.active', `run ${runId} goes on in another process`, {
      hint: [`watch it: sheaf logs ${runId} --follow`, `end it: sheaf cancel ${runId}`],
    });
  }
  const settled = new Set(Object.entries(run.steps).flatMap(([path, step]) => (isSettled(step) ? path : [])));
  const isOver = run.status === 'succeeded' || run.status === 'failed';
  if (isOver) {
    const again = run.status === 'failed' ? `; from a step on: sheaf rerun ${runId} --from STEP` : '';
    return execute(context, engine, {
      plan,
      source,
      settled,
      warnings: [`run ${runId} had ended before, nothing was run${again}`],
      start: (_engine, control) => engine.resume(runId, control),
    });
  }
  const stateDir = context.paths.state();
  const workflow = source.kind === 'local' ? undefined : await fetchAgain(context, input, run, source);
  const used = await fetchUsedAgain(context, input, run);
  const root = workflow === undefined ? {} : { workflow };
  const held = await holdAgain(context, input, {
    run,
    plan,
    workflows: [...(workflow === undefined ? [] : [workflow]), ...used],
  });
  const { close, ...folders } = await unpackForRun(stateDir, { ...root, plan, used });
  try {
    const left = findBundleRoot(stateDir, run);
    if (left !== undefined) await rm(left, { recursive: true, force: true });
    return await execute(context, engine, {
      plan,
      source,
      settled,
      workspace: run.workspace?.cwd,
      warnings: [],
      ...(workflow === undefined || source.kind === 'local'
        ? {}
        : { provenance: provenanceOf(workflow, source) }),
      start: (_engine, control) =>
        engine.resume(runId, {
          ...folders,
          ...held,
          ...readKeepWorkspace(input),
          ...control,
        }),
    });
  } finally {
    await close();
  }
}

function isSettled({ status }: StepResult): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'skipped';
}
