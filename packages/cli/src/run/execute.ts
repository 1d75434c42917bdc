import {
  openEngine,
  type Engine,
  type EngineTools,
  type RunResult,
  type RunSource,
  type SecretSource,
} from '@sheaf/engine';
import type { JsonValue, Plan } from '@sheaf/workflow';
import { remember } from '../completion/candidates.js';
import type { Context } from '../frame/context.js';
import { forcedSignal } from '../frame/signals.js';
import { plural } from '../terminal/text.js';
import { describeFailure, type RunFailure } from './failure.js';
import { annotateFailures, type DefinitionFile } from './annotate.js';
import { findCi } from '../frame/ci.js';
import { engineTools } from '../tools/project-tools.js';
import { openReporter } from './reporter.js';

/** How a run ended, as `run` and `resume` report it. */
export interface RunData {
  readonly runId: string;
  readonly status: RunResult['status'];
  readonly workflow: { readonly id: string; readonly version: string };
  readonly source: RunSource;
  readonly outputs: Readonly<Record<string, JsonValue>>;
  readonly steps: RunResult['steps'];
  readonly failure?: RunFailure;
  /** The folder that its steps worked in, where that was made for it and is still there. */
  readonly workspace?: string;
  readonly warnings: readonly string[];
  /** The one of the warnings that was printed before it ran. */
  readonly told?: string;
  readonly facts: RunFacts;
}

/** What reports say of a run beside its result. Times are milliseconds since the epoch. */
export interface RunFacts {
  readonly startedMs: number;
  readonly finishedMs: number;
  readonly plan: Plan;
  /** When the last attempt at each step began, in this process. */
  readonly stepStartedMs: ReadonlyMap<string, number>;
  /** Unset for one's own folder. */
  readonly provenance: Provenance | undefined;
}

/** What was verified before anything ran. */
export interface Provenance {
  readonly digest: string;
  readonly registry: string;
  /** Ids of the keys. */
  readonly signers: readonly string[];
  readonly logIndex: number;
}

/** Opens the engine on this user's state, for the time of some work. */
export async function withEngine<T>(
  context: Context,
  work: (engine: Engine) => Promise<T>,
  { secrets }: { readonly secrets?: SecretSource } = {},
): Promise<T> {
  const engine = await openEngine({
    stateDir: context.paths.state(),
    ...(secrets === undefined ? {} : { secrets }),
  });
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}

/** What the engine is given for a run or its resumption, beside what all of them get. */
export interface Execution {
  readonly plan: Plan;
  readonly source: RunSource;
  readonly warnings: readonly string[];
  readonly told?: string | undefined;
  /** Steps that an earlier process has settled. */
  readonly settled?: ReadonlySet<string>;
  readonly provenance?: Provenance | undefined;
  /** The workspace that it has from before. */
  readonly workspace?: string | undefined;
  /** The definition on disk, which annotations point into. */
  readonly definition?: DefinitionFile | undefined;
  readonly start: (engine: Engine, control: Control) => Promise<RunResult>;
}

/** What every run is given. */
export interface Control {
  readonly signal: AbortSignal;
  readonly killSignal: AbortSignal;
  readonly onEvent: ReturnType<typeof openReporter>['onEvent'];
  readonly onOutput: ReturnType<typeof openReporter>['onOutput'];
  /** Of one's own project, for one's own workflow. */
  readonly tools?: EngineTools;
}

/** Runs, shows what happens meanwhile, and gathers what is to be said at the end. */
export async function execute(context: Context, engine: Engine, execution: Execution): Promise<RunData> {
  const reporter = openReporter(context, { plan: execution.plan, settled: execution.settled ?? new Set() });
  const startedMs = context.now();
  const stepStartedMs = new Map<string, number>();
  const stopping = (): string => {
    const count = reporter.running();
    return count === 0 ? 'stopping' : `stopping ${plural(count, 'step')}`;
  };
  const onCancel = (): void => {
    context.ui.say(`${stopping()}, again to kill`);
  };
  context.signal.addEventListener('abort', onCancel, { once: true });
  const { source } = execution;
  const tools = source.kind === 'local' ? await engineTools(context, source.path) : undefined;
  let result: RunResult;
  let { workspace } = execution;
  try {
    result = await execution.start(engine, {
      signal: context.signal,
      killSignal: forcedSignal(),
      onEvent: (event) => {
        reporter.onEvent(event);
        if (event.type === 'workspace.created' || event.type === 'workspace.reused') workspace = event.cwd;
        if (event.type === 'workspace.removed') workspace = undefined;
        if (event.type === 'step.started') stepStartedMs.set(event.step, event.at);
        if (event.type === 'run.cancelling' && !context.signal.aborted)
          context.ui.say(`asked to stop by another process: ${stopping()}`);
      },
      onOutput: reporter.onOutput,
      ...(tools === undefined ? {} : { tools }),
    });
  } finally {
    reporter.close();
    context.signal.removeEventListener('abort', onCancel);
  }
  await remember(context, 'run', [result.runId]);
  const failure = await describeFailure(engine, result);
  if (findCi(context.env) === 'github') await annotateFailures(context, engine, execution, result);
  return {
    runId: result.runId,
    status: result.status,
    workflow: execution.plan.workflow,
    source: execution.source,
    outputs: result.outputs,
    steps: result.steps,
    ...(failure === undefined ? {} : { failure }),
    ...(workspace === undefined ? {} : { workspace }),
    warnings: execution.warnings,
    ...(execution.told === undefined ? {} : { told: execution.told }),
    facts: {
      startedMs,
      finishedMs: context.now(),
      plan: execution.plan,
      stepStartedMs,
      provenance: execution.provenance,
    },
  };
}
