import type { WorkflowTest } from '@sheaf/workflow';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { StartCommand } from '../core/command.js';
import type { RunState } from '../core/run-state.js';
import { nodeProcessRunner } from '../processes/node-runner.js';
import { procTable } from '../processes/proc-table.js';
import { psTable } from '../processes/ps-table.js';
import { createActionPort, offerTools } from '../runtime/action-port.js';
import { attemptStarter } from '../runtime/attempt.js';
import type { Attempt, AttemptHooks, StartAttempt } from '../runtime/attempt-port.js';
import { createKeeper } from '../runtime/kept.js';
import { inheritedEnvironment } from '../runtime/environment.js';
import type { Time } from '../ports.js';
import { fixedSecrets } from '../secrets/held-secrets.js';
import type { TestOptions } from './test-run.js';

const GRACE_MS = 1_000;
const DRAIN_MS = 500;

/** Does the work of steps that are not mocked, in a folder of its own. */
export interface RealWork {
  /** The workspace. */
  readonly cwd: string;
  readonly start: (state: RunState, time: Time, command: StartCommand, hooks: AttemptHooks) => Attempt;
  /** Removes the folder. */
  readonly close: () => Promise<void>;
}

/** Nothing is written before a step does its work. */
export function openRealWork(test: WorkflowTest, options: TestOptions): RealWork {
  const folder = join(tmpdir(), `sheaf-test-${randomBytes(12).toString('hex')}`);
  const cwd = join(folder, 'workspace');
  const runs = join(folder, 'run');
  const port = createActionPort(1);
  const keeper = createKeeper();
  let starter: StartAttempt | undefined;
  const prepare = (state: RunState, time: Time): StartAttempt => {
    // Not `recursive`: what is there already is somebody else's.
    mkdirSync(folder, { mode: 0o700 });
    for (const path of [cwd, runs]) mkdirSync(path);
    for (const [name, text] of Object.entries(test.files)) {
      const file = join(cwd, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return attemptStarter({
      runner: nodeProcessRunner({
        table: process.platform === 'linux' ? procTable() : psTable(),
        runDir: () => runs,
        graceMs: GRACE_MS,
        drainMs: DRAIN_MS,
      }),
      state,
      keeper,
      runId: state.runId,
      cwd,
      bundleDirs: new Map([['', options.bundleDir]]),
      inherited: { ...inheritedEnvironment(options.environment), ...test.env },
      shells: {},
      actions: options.tools === undefined ? port : offerTools(port, options.tools),
      protection: {
        profile: 'permissive',
        confinement: undefined,
        secrets: fixedSecrets(test.secrets),
      },
      runDir: () => runs,
      time,
      graceMs: GRACE_MS,
    });
  };
  return {
    cwd,
    start: (state, time, command, hooks) => (starter ??= prepare(state, time))(command, hooks),
    close: async () => {
      await keeper.close();
      await port.close();
      if (starter !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
