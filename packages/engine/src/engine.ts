import { randomBytes } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Engine, EngineOptions } from './api.js';
import { EngineError } from './errors.js';
import { findSandboxing, type Sandboxing } from './isolation/find-bwrap.js';
import { nodeProcessRunner } from './processes/node-runner.js';
import { procTable } from './processes/proc-table.js';
import { psTable } from './processes/ps-table.js';
import { listArtifacts } from './runtime/artifacts.js';
import { createActionPort } from './runtime/action-port.js';
import { inheritedEnvironment } from './runtime/environment.js';
import { listLogs, readLogFrom, readLogs } from './runtime/logs.js';
import { getRun, getSummary, listRuns, readEvents } from './runtime/query.js';
import { cancelRun } from './runtime/cancel.js';
import { whileIdle } from './runtime/journaled.js';
import { rerunFrom } from './runtime/rerun.js';
import { resumeRun, runPlan } from './runtime/run.js';
import type { Runtime } from './runtime/runtime.js';
import { isStepPath } from './core/plan-check.js';
import { sendEvent } from './runtime/send-event.js';
import { stepFile } from './runtime/step-file.js';
import { openRunStore } from './stores/sqlite/run-store.js';

const DEFAULT_GRACE_MS = 5_000;
const DRAIN_MS = 500;
/** Crockford's base 32 in lower case: nothing to confuse when read aloud. */
const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 10;
/** Ids that a beginning may stand for before it is of no use. */
const MAX_FOUND = 10;

/**
 * Opens the engine on a state folder: `runs.sqlite` and, by run, the logs of its steps, readable by their owner alone. Several
 * processes of one machine may use it at once. Throws EngineError `store.failed`, `store.newer`, `platform.unsupported`.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  if (process.platform === 'win32') {
    throw new EngineError('platform.unsupported', 'workflows cannot be run on windows itself', {
      hint: 'use the windows subsystem for linux',
    });
  }
  const runsDir = join(options.stateDir, 'runs');
  const runDir = (runId: string): string => join(runsDir, runId);
  makeFolder(runsDir);
  const clock = { now: () => Date.now() };
  const table = process.platform === 'linux' ? procTable() : psTable();
  const owner = table.identify(process.pid, performance.timeOrigin);
  if (owner === undefined) {
    throw new EngineError('platform.unsupported', 'the process table of this system cannot be read', {
      hint: 'mount /proc',
    });
  }
  const graceMs = options.graceMs ?? DEFAULT_GRACE_MS;
  const actions = createActionPort(availableParallelism());
  let sandboxing: Promise<Sandboxing> | undefined;
  const store = await openRunStore(options.stateDir, clock);
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
      findSandboxing: () => (sandboxing ??= findSandboxing()),
      findSecret: options.findSecret ?? (() => Promise.resolve(undefined)),
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
  return {
    run: (request) => runPlan(runtime, request),
    resume: (runId, control = {}) => resumeRun(runtime, runId, control),
    rerun: (runId, request) => rerunFrom(runtime, runId, request),
    cancel: (runId, options = {}) => cancelRun(runtime, runId, options),
    sendEvent: (runId, source, data) => {
      sendEvent(runtime, runId, { source, data });
    },
    findRunIds: (prefix) => store.findRunIds(prefix, MAX_FOUND),
    listRuns: (filter = {}) => listRuns(runtime, filter),
    getRun: (runId) => getRun(runtime, runId),
    readEvents: (runId) => readEvents(store, runId),
    readLog: (runId, step, { maxBytes } = {}) =>
      Promise.resolve().then(() =>
        readLogs(runDir(runId), Object.keys(getRun(runtime, runId).steps), step, maxBytes),
      ),
    getSummary: (runId) => getSummary(runtime, runId),
    readLogFrom: async (runId, step, offset, maxBytes) => {
      if (!isStepPath(step)) return new Uint8Array();
      return readLogFrom(
        join(runDir(getSummary(runtime, runId).runId), `${stepFile(step)}.log`),
        offset,
        maxBytes,
      );
    },
    listLogs: (runId) => Promise.resolve(runDir(getSummary(runtime, runId).runId)).then(listLogs),
    listArtifacts: (runId) => listArtifacts(runDir(runId), readEvents(store, runId)),
    logDir: (runId) => runDir(getSummary(runtime, runId).runId),
    whileIdle: (runId, act) => whileIdle(runtime, runId, act),
    close: () => {
      void actions.close();
      store.close();
    },
  };
}

function newRunId(): string {
  return Array.from(randomBytes(ID_LENGTH), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('');
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new EngineError('store.failed', `the state folder ${path} cannot be made`, {
      cause: error,
      hint: 'choose a state folder that this user may write to',
    });
  }
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
