import { randomBytes } from 'node:crypto';
import { copyFileSync, linkSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Engine, EngineOptions } from './api.js';
import { findSandboxing, type Sandboxing } from './isolation/find-bwrap.js';
import { sandboxMemory } from './isolation/sandbox-memory.js';
import { DEFAULT_GRACE_MS } from './processes/group.js';
import { nodeProcessRunner } from './processes/node-runner.js';
import { createActionPort } from './runtime/action-port.js';
import { inheritedEnvironment } from './runtime/environment.js';
import { cancelRun } from './runtime/cancel.js';
import { rerunFrom } from './runtime/rerun.js';
import { resumeRun, runPlan } from './runtime/run.js';
import type { Runtime } from './runtime/runtime.js';
import { stepFile } from './runtime/step-file.js';
import { recordsOf } from './records.js';
import { machineKey } from './secrets/machine-key.js';
import { makeFolder, openStateFolder } from './state-folder.js';

const DRAIN_MS = 500;
/** Crockford's base 32 in lower case: nothing to confuse when read aloud. */
const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 10;

/**
 * Opens the engine on a state folder: `runs.sqlite` and, by run, the logs of its steps, readable by their owner alone. Several
 * processes of one machine may use it at once. Throws EngineError `store.failed`, `store.newer`, `platform.unsupported`.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const state = await openStateFolder(options.stateDir);
  const { store, runDir, table, owner, clock } = state;
  const graceMs = options.graceMs ?? DEFAULT_GRACE_MS;
  const actions = createActionPort(availableParallelism());
  const memory = sandboxMemory(join(options.stateDir, 'sandbox'));
  let sandboxing: Promise<Sandboxing> | undefined;
  const environment = options.environment ?? process.env;
  const keepStepLog = (from: string, to: string, step: string): void => {
    const name = `${stepFile(step)}.log`;
    keepLog(join(runDir(from), name), join(runDir(to), name));
  };
  const runtime: Runtime = {
    store,
    owner,
    isAlive: (identity) => table.isAlive(identity),
    runner: nodeProcessRunner({
      table,
      runDir,
      graceMs,
      drainMs: DRAIN_MS,
    }),
    ids: { newRunId },
    actions,
    protection: {
      findSandboxing: () => (sandboxing ??= findSandboxing(memory)),
      doubtSandboxing: () => {
        sandboxing = undefined;
        memory.forget();
      },
      secrets: options.secrets ?? { find: () => Promise.resolve(undefined) },
      hashKey: () => machineKey(options.stateDir),
      stateDir: options.stateDir,
      home: environment['HOME'],
      path: (environment['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder)),
    },
    graceMs,
    runDir,
    time: {
      ...clock,
      after: (delayMs, act) => {
        const timer = setTimeout(act, delayMs);
        return () => {
          clearTimeout(timer);
        };
      },
    },
    makeRunDir: (runId) => {
      makeFolder(runDir(runId));
    },
    keepLog: keepStepLog,
    leases: {
      store: store.leases,
      owner,
      isAlive: (identity) => table.isAlive(identity),
      whole: { cpus: availableParallelism(), memoryBytes: totalmem() },
    },
    cache: {
      store: store.cache,
      folder: join(options.stateDir, 'steps'),
      keepLog: keepStepLog,
      findVariable: (name) => environment[name],
    },
    inherited: inheritedEnvironment(environment),
    defaultParallel: availableParallelism(),
  };
  const records = recordsOf(state, { stateDir: options.stateDir, environment });
  return {
    ...records,
    run: (request) => runPlan(runtime, request),
    resume: (runId, control = {}) => resumeRun(runtime, runId, control),
    rerun: (runId, request) => rerunFrom(runtime, runId, request),
    cancel: (runId, options = {}) => cancelRun(runtime, runId, options),
    shell: async (runId, request) => {
      const { stepShell } = await import('./runtime/step-shell.js');
      return stepShell(runtime, runId, request);
    },
    close: () => {
      void actions.close();
      records.close();
    },
  };
}

function newRunId(): string {
  return Array.from(randomBytes(ID_LENGTH), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('');
}

/** A log that is complete never changes, so that two runs may share it. */
function keepLog(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    copyFileSync(from, to);
  }
}
