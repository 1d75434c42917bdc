import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue, Permissions } from '@sheaf/workflow';
import { ActionError } from '../actions/action-error.js';
import type { Action, ActionContext, ActionOutputs } from '../actions/action.js';
import { performAction } from '../actions/perform.js';
import { testRun, type SharedRun } from './shared-run.js';
import { startPlainProcess } from '../processes/plain-process.js';

/** What a test says of the world that its action sees; all of it has a default. */
export interface TestWorld {
  /** Default: nothing is allowed. */
  readonly permissions?: Partial<Permissions>;
  /** Values by the name of the secret; one that is not here is missing. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Default: a folder of its own, which is removed. */
  readonly cwd?: string;
  readonly bundleDir?: string;
  /** Default: PATH and HOME of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly attempt?: number;
  readonly signal?: AbortSignal;
  readonly now?: number;
  /** In place of real processes. */
  readonly startProcess?: ActionContext['startProcess'];
  /** The run that it is a step of, for what steps share; default: a run of its own. To be closed by the test. */
  readonly run?: SharedRun;
}

/** What came of a run, for a test to look at. */
export interface TestRun {
  readonly outputs: ActionOutputs;
  /** Set when it failed; `outputs` are then what the error brings. */
  readonly error?: ActionError;
  /** What it wrote to its log, in order. */
  readonly log: string;
  /** Names of secrets that it asked for. */
  readonly secretsAsked: readonly string[];
}

/** An action under test. */
export interface ActionUnderTest {
  /** Runs it once, as an engine does: inputs are checked, defaults added, outputs taken. Never throws what the action throws. */
  run(inputs: Readonly<Record<string, JsonValue>>, world?: TestWorld): Promise<TestRun>;
}

/** Prepares an action for tests. `defaults` is the world of all its runs. */
export function testAction(action: Action, defaults: TestWorld = {}): ActionUnderTest {
  return {
    run: async (inputs, world = {}) => {
      const scratchDir = await mkdtemp(join(tmpdir(), 'sheaf-action-'));
      try {
        return await runOnce(action, inputs, { ...defaults, ...world }, scratchDir);
      } finally {
        await rm(scratchDir, { recursive: true, force: true });
      }
    },
  };
}

async function runOnce(
  action: Action,
  inputs: Readonly<Record<string, JsonValue>>,
  world: TestWorld,
  scratchDir: string,
): Promise<TestRun> {
  const lines: string[] = [];
  const secretsAsked: string[] = [];
  const { run: own } = world;
  const keeper = own ?? testRun();
  const context = createContext(world, scratchDir, keeper, {
    log: (_, text) => {
      lines.push(text);
    },
    secret: (name) => {
      secretsAsked.push(name);
      return secretOf(world, name);
    },
  });
  try {
    const outputs = await performAction(action, inputs, context);
    return { outputs, log: lines.join(''), secretsAsked };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return { outputs: error.outputs ?? {}, error, log: lines.join(''), secretsAsked };
  } finally {
    if (own === undefined) await keeper.close();
  }
}

function createContext(
  world: TestWorld,
  scratchDir: string,
  keeper: SharedRun,
  own: Pick<ActionContext, 'log' | 'secret'>,
): ActionContext {
  const { PATH = '', HOME = '' } = process.env;
  const base = {
    ...own,
    runId: 'test',
    step: 'step',
    attempt: world.attempt ?? 1,
    cwd: world.cwd ?? scratchDir,
    ...(world.bundleDir === undefined ? {} : { bundleDir: world.bundleDir }),
    scratchDir,
    env: world.env ?? { PATH, HOME },
    permissions: { network: [], exec: [], read: [], write: [], secrets: [], ...world.permissions },
    signal: world.signal ?? new AbortController().signal,
    seed: 'test/step',
    now: world.now ?? 1_700_000_000_000,
    onReach: () => undefined,
  };
  const startProcess = world.startProcess ?? ((spec) => startPlainProcess(base, spec));
  // What is kept outlives the step, and so its signal.
  const keptProcess =
    world.startProcess ??
    ((spec) => startPlainProcess({ ...base, signal: new AbortController().signal }, spec));
  return { ...base, startProcess, keep: keeper.keeping({ startProcess: keptProcess }) };
}

function secretOf(world: TestWorld, name: string): Promise<string> {
  const secrets = world.secrets ?? {};
  const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (world.permissions?.secrets?.includes(name) !== true) {
    return Promise.reject(new ActionError('policy.denied', `the run may not use the secret ${name}`));
  }
  if (value === undefined) {
    return Promise.reject(new ActionError('secret.missing', `this machine has no secret ${name}`));
  }
  return Promise.resolve(value);
}
