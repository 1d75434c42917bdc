import { join } from 'node:path';
import type { Engine, RunDetails } from '@sheaf/engine';
import { toEnvironmentString, type Plan } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { RerunJson } from '../json/rerun.js';
import { exitCodeOfRun, renderRun } from '../output/run.js';
import { toRunJson } from '../output/run-json.js';
import { unpackForRun } from '../run/bundle-folder.js';
import type { DefinitionFile } from '../run/annotate.js';
import { execute, withEngine, type Control, type Provenance, type RunData } from '../run/execute.js';
import { fetchAgain, provenanceOf } from '../run/fetch-again.js';
import { MAX_PARALLEL_FLAG, readMaxParallel } from '../run/max-parallel.js';
import { bindPlan } from '../run/parameters.js';
import { REPORT_FLAGS, withReports } from '../run/report-files.js';
import { getRunId } from '../run/run-id.js';
import { assertStep } from '../run/step-id.js';
import { assertValid, readSource } from '../workflow/source.js';

export const command = defineCommand<RunData, RerunJson>({
  name: 'rerun',
  about:
    'Run again from a step on, as a new run with the same parameters. What was done stays done, unless it rests on that step or is written otherwise now.',
  positionals: { names: ['RUN'], required: 1, completes: ['run'] },
  flags: [
    { name: 'from', value: 'STEP', summary: 'the first step to do again' },
    MAX_PARALLEL_FLAG,
    ...REPORT_FLAGS,
  ],
  examples: ['sheaf rerun 7f3k --from tell', 'sheaf rerun 7f3k --from tell --json'],
  exitCodes: [0, 1, 3, 4, 6, 7, 8, 130],
  run: async (context, input) => {
    const data = await withReports(context, input, () =>
      withEngine(context, (engine) => rerun(context, input, engine)),
    );
    return { data, exitCode: exitCodeOfRun(data.status) };
  },
  toJson: toRunJson,
  jsonSummary: 'print each event as a line of JSON; the last line is the result',
  render: renderRun,
});

function rerun(context: Context, input: Input, engine: Engine): Promise<RunData> {
  const run = engine.getRun(getRunId(engine, input.positionals[0] ?? ''));
  const { source } = run;
  const from = input.get('from');
  if (from === undefined) throw missingStep(run);
  return source.kind === 'local'
    ? rerunLocal(context, input, engine, { run, from, dir: source.path })
    : rerunVerified(context, input, engine, { run, from, source });
}

interface Rerun {
  readonly run: RunDetails;
  readonly from: string;
}

/** The author's own code may have been mended since: it is read again, and the engine sees which steps are as they were. */
async function rerunLocal(
  context: Context,
  input: Input,
  engine: Engine,
  { run, from, dir }: Rerun & { readonly dir: string },
): Promise<RunData> {
  const source = await readSource(dir, context.cwd);
  assertValid(source);
  if (source.definition.id !== run.workflow) {
    throw new CliError(
      'run.definition_changed',
      `${source.shownFile} is ${source.definition.id}, and run ${run.runId} was of ${run.workflow}`,
      {
        hint: `start it anew: sheaf run ${dir}`,
      },
    );
  }
  const plan = bindPlan(source.definition, givenOf(run.plan), run.cwd);
  assertStep({ ...run, plan }, from);
  context.ui.say(`unsigned: ${dir} (your working tree)`);
  const definition = { path: join(source.dir, source.definitionPath), text: source.text };
  const more = { plan, bundleDir: source.dir };
  return start(context, input, engine, { run, from, plan, more, definition });
}

async function rerunVerified(
  context: Context,
  input: Input,
  engine: Engine,
  { run, from, source }: Rerun & { readonly source: Extract<RunDetails['source'], { kind: 'registry' }> },
): Promise<RunData> {
  assertStep(run, from);
  const workflow = await fetchAgain(context, input, run, source);
  const folder = await unpackForRun(context.paths.state(), workflow);
  try {
    const more = { bundleDir: folder.bundleDir };
    const provenance = provenanceOf(workflow, source);
    return await start(context, input, engine, { run, from, plan: run.plan, more, provenance });
  } finally {
    await folder.close();
  }
}

interface Start extends Rerun {
  readonly plan: Plan;
  readonly more: { readonly plan?: Plan; readonly bundleDir: string };
  readonly provenance?: Provenance;
  readonly definition?: DefinitionFile;
}

function start(
  context: Context,
  input: Input,
  engine: Engine,
  { run, from, plan, more, provenance, definition }: Start,
): Promise<RunData> {
  const options = { from, ...more, ...readMaxParallel(input) };
  return execute(context, engine, {
    plan,
    source: run.source,
    warnings: [],
    provenance,
    definition,
    start: (_engine, control: Control) => engine.rerun(run.runId, { ...options, ...control }),
  });
}

/** The parameters of a plan as they would be typed; what was not given is not. */
function givenOf({ parameters }: Plan): Readonly<Record<string, string>> {
  const given = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(parameters))
    if (value !== null) given[name] = toEnvironmentString(value);
  return given;
}

function missingStep({ runId, steps, plan }: RunDetails): CliError {
  const failed = plan.steps.find(({ id }) => steps[id]?.status === 'failed') ?? plan.steps[0];
  return new CliError('usage.missing_value', 'sheaf rerun needs --from STEP', {
    evidence: [
      `steps of run ${runId}: ${plan.steps
        .slice(0, 20)
        .map(({ id }) => id)
        .join(', ')}`,
    ],
    hint: `sheaf rerun ${runId} --from ${failed?.id ?? 'STEP'}`,
  });
}
