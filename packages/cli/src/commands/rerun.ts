import { isAbsolute, join } from 'node:path';
import type { VerifiedWorkflow } from '@sheaf/client';
import type { Engine, RerunRequest, RunDetails } from '@sheaf/engine';
import { toEnvironmentString, type Plan, type PlanOptions, type WorkflowDefinition } from '@sheaf/workflow';
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
import { fetchAgain, fetchUsedAgain, provenanceOf } from '../run/fetch-again.js';
import { MAX_PARALLEL_FLAG, readMaxParallel } from '../run/max-parallel.js';
import {
  definitionOf,
  describeOverlays,
  originOf,
  overlaysOf,
  type LocalOrigin,
} from '../run/local-origin.js';
import { bindPlan, readParameters } from '../run/parameters.js';
import { findersAmong, planOptions, sayUsed } from '../uses/used-workflows.js';
import { withUsed } from '../uses/with-used.js';
import { holdAgain } from '../policy/hold-again.js';
import { PROFILE_FLAG } from '../run/profile.js';
import { REPORT_FLAGS, withReports } from '../run/report-files.js';
import { sayRedone } from '../run/say-redone.js';
import { getRunId } from '../run/run-id.js';
import { assertStep } from '../run/step-id.js';
import { DOTENV_FLAG, secretsOf } from '../secrets/run-source.js';
import { KEEP_WORKSPACE_FLAG, readKeepWorkspace } from '../run/workspace-choice.js';
import { shellWord } from '../terminal/shell.js';
import { assertOwn, OVERLAY_FLAGS, readOverlayFlags, type Overlaying } from '../workflow/overlays.js';
import { assertValid, readSource } from '../workflow/source.js';

export const command = defineCommand<RunData, RerunJson>({
  name: 'rerun',
  about:
    'Run again from a step on, as a new run with the same parameters or others. What was done stays done, unless it rests on that step, on a parameter that has another value, or is written otherwise now.',
  positionals: { names: ['RUN'], required: 1, completes: ['run'] },
  flags: [
    { name: 'from', value: 'STEP', summary: 'the first step to do again, by its path' },
    {
      name: 'with',
      value: 'NAME=VALUE',
      repeat: true,
      summary: 'another value of a parameter: what may depend on it is done again',
    },
    { name: 'skip', value: 'STEP', repeat: true, summary: 'leave a step out: it counts as done' },
    PROFILE_FLAG,
    DOTENV_FLAG,
    MAX_PARALLEL_FLAG,
    KEEP_WORKSPACE_FLAG,
    ...OVERLAY_FLAGS,
    ...REPORT_FLAGS,
  ],
  examples: [
    'sheaf rerun 7f3k --from tell',
    'sheaf rerun 7f3k --set steps.build.timeout=5m',
    "sheaf rerun 7f3k --from 'tell[3]' --with channel=ops",
  ],
  exitCodes: [0, 1, 3, 4, 5, 6, 7, 8, 130],
  run: async (context, input) => {
    const secrets = await secretsOf(context, input);
    const data = await withReports(context, input, () =>
      withEngine(context, (engine) => rerun(context, input, engine), { secrets }),
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
  const skip = input.all('skip');
  const others = readParameters(input.all('with'));
  const overlaying = readOverlayFlags(input);
  if (source.kind === 'registry') assertOwn(overlaying, `${source.id}@${source.version}`);
  const isNamed = from !== undefined || skip.length > 0 || overlaying !== undefined;
  if (!isNamed && Object.keys(others).length === 0) throw missingStep(run);
  const again = { run, others, skip, ...(from === undefined ? {} : { from }) };
  return source.kind === 'local'
    ? rerunLocal(context, input, engine, { ...again, source, overlaying })
    : rerunVerified(context, input, engine, { ...again, source });
}

interface Rerun {
  readonly run: RunDetails;
  readonly from?: string;
  readonly skip: readonly string[];
  /** Parameters that have another value now. */
  readonly others: Readonly<Record<string, string>>;
}

/** The author's own code may have been mended since: it is read again, and the engine sees which steps are as they were. */
async function rerunLocal(
  context: Context,
  input: Input,
  engine: Engine,
  {
    source: origin,
    overlaying,
    ...again
  }: Rerun & { readonly source: LocalOrigin; readonly overlaying: Overlaying | undefined },
): Promise<RunData> {
  const { run } = again;
  const path = definitionOf(origin);
  const overlays = overlaysOf(origin, overlaying);
  const read = await readSource(path, context.cwd, overlays);
  assertValid(read);
  const options = { yes: false, offline: false };
  const { source, used } = await withUsed(context, input, { path, source: read }, options);
  if (source.definition.id !== run.workflow) {
    throw new CliError(
      'run.definition_changed',
      `${source.shownFile} is ${source.definition.id}, and run ${run.runId} was of ${run.workflow}`,
      {
        hint: `start it anew: sheaf run ${shellWord(path)}`,
      },
    );
  }
  const plan = planAgain(run, source.definition, again.others, planOptions(source, used));
  assertSteps(again, plan);
  context.ui.say(`unsigned: ${path} (your working tree)`);
  if (origin.overlays !== undefined)
    context.ui.say(`laid over it as in run ${run.runId}: ${describeOverlays(origin.overlays)}`);
  const definition = { path: join(source.dir, source.definitionPath), text: source.text };
  sayUsed(context, used);
  const { close, ...folders } = await unpackForRun(context.paths.state(), { plan, used: used.all });
  try {
    const more = {
      ...folders,
      plan,
      bundleDir: source.dir,
      source: originOf(source, overlays, context.cwd),
    };
    return await start(context, input, engine, { ...again, plan, more, workflows: used.all, definition });
  } finally {
    await close();
  }
}

async function rerunVerified(
  context: Context,
  input: Input,
  engine: Engine,
  { source, ...again }: Rerun & { readonly source: Extract<RunDetails['source'], { kind: 'registry' }> },
): Promise<RunData> {
  const { run, others } = again;
  assertSteps(again, run.plan);
  const workflow = await fetchAgain(context, input, run, source);
  const used = await fetchUsedAgain(context, input, run);
  const plan =
    Object.keys(others).length === 0
      ? run.plan
      : planAgain(run, workflow.bundle.definition, others, findersAmong(used));
  const { close, ...folders } = await unpackForRun(context.paths.state(), { workflow, plan, used });
  try {
    const more = { ...folders, ...(plan === run.plan ? {} : { plan }) };
    const provenance = provenanceOf(workflow, source);
    return await start(context, input, engine, {
      ...again,
      plan,
      more,
      workflows: [workflow, ...used],
      provenance,
    });
  } finally {
    await close();
  }
}

interface Start extends Rerun {
  readonly plan: Plan;
  readonly more: Pick<RerunRequest, 'plan' | 'source' | 'bundleDir' | 'bundleDirs'>;
  /** All that was verified, what its steps use as well. */
  readonly workflows: readonly VerifiedWorkflow[];
  readonly provenance?: Provenance;
  readonly definition?: DefinitionFile;
}

async function start(
  context: Context,
  input: Input,
  engine: Engine,
  { run, from, skip, plan, more, workflows, provenance, definition }: Start,
): Promise<RunData> {
  const options = {
    ...(from === undefined ? {} : { from }),
    skip,
    ...more,
    ...readMaxParallel(input),
    ...(await holdAgain(context, input, { run, plan, workflows })),
    ...readKeepWorkspace(input),
  };
  return execute(context, engine, {
    plan,
    source: more.source ?? run.source,
    warnings: [],
    provenance,
    definition,
    start: (_engine, control: Control) =>
      engine.rerun(run.runId, {
        ...options,
        ...control,
        onEvent: (event) => {
          if (event.type === 'run.started') sayRedone(context, event.rerunOf?.redone ?? []);
          control.onEvent(event);
        },
      }),
  });
}

function assertSteps({ run, from, skip }: Rerun, plan: Plan): void {
  for (const step of [...(from === undefined ? [] : [from]), ...skip]) assertStep({ ...run, plan }, step);
}

function planAgain(
  { plan, cwd, workspaceKind }: RunDetails,
  definition: WorkflowDefinition,
  others: Readonly<Record<string, string>>,
  options: PlanOptions,
): Plan {
  return bindPlan(definition, givenOf(plan, definition, others), cwd, options, workspaceKind !== undefined);
}

/** The parameters of a plan as they would be typed, and others in place of some; what was not given is not. */
function givenOf(
  { parameters }: Plan,
  definition: WorkflowDefinition,
  others: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const given = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(parameters)) {
    // The path of a default is relative in a workspace, and would be another one if it had been given.
    const isPath = Object.hasOwn(definition.parameters, name) && definition.parameters[name]?.type === 'path';
    if (value === null || (isPath && typeof value === 'string' && !isAbsolute(value))) continue;
    given[name] = toEnvironmentString(value);
  }
  return Object.assign(given, others);
}

function missingStep({ runId, plan, error }: RunDetails): CliError {
  const [first] = plan.steps;
  const failed = error === undefined || error.step === '' ? first?.id : error.step;
  return new CliError(
    'usage.missing_value',
    'sheaf rerun needs --from STEP, --with NAME=VALUE, --set KEY=VALUE or --skip STEP',
    {
      evidence: [
        `steps of run ${runId}: ${plan.steps
          .slice(0, 20)
          .map(({ id }) => id)
          .join(', ')}`,
      ],
      hint: `sheaf rerun ${runId} --from ${shellWord(failed ?? 'STEP')}`,
    },
  );
}
