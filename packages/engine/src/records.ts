import { join } from 'node:path';
import type { RunRecords } from './api.js';
import { isStepPath } from './core/plan-check.js';
import { listArtifacts } from './runtime/artifact-list.js';
import { inheritedEnvironment } from './runtime/environment.js';
import { listWorkspaces, removeKept, sweepKept } from './runtime/kept-workspaces.js';
import { listLogs, readLogFrom, readLogs } from './runtime/logs.js';
import { getRun, getSummary, listRuns, readEvents } from './runtime/query.js';
import { sendEvent } from './runtime/send-event.js';
import { stepFile } from './runtime/step-file.js';
import { whileIdle } from './runtime/while-idle.js';
import { openStateFolder, type StateFolder } from './state-folder.js';

/** Ids that a beginning may stand for before it is of no use. */
const MAX_FOUND = 10;

/**
 * Opens what is remembered of runs, and nothing of what runs them. Throws EngineError `store.failed`, `store.newer`,
 * `platform.unsupported`.
 */
export async function openRecords(stateDir: string): Promise<RunRecords> {
  return recordsOf(await openStateFolder(stateDir), { stateDir, environment: process.env });
}

export function recordsOf(
  { store, runDir, table, owner, clock }: StateFolder,
  {
    stateDir,
    environment,
  }: {
    readonly stateDir: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): RunRecords {
  const isAlive: typeof table.isAlive = (identity) => table.isAlive(identity);
  const deps = { store, owner, isAlive };
  const kept = { ...deps, stateDir, env: inheritedEnvironment(environment), now: clock.now };
  return {
    sendEvent: (runId, source, data) => {
      sendEvent(deps, runId, { source, data });
    },
    findRunIds: (prefix) => store.findRunIds(prefix, MAX_FOUND),
    listRuns: (filter = {}) => listRuns(deps, filter),
    getRun: (runId) => getRun(deps, runId),
    readEvents: (runId) => readEvents(store, runId),
    readLog: (runId, step, { maxBytes } = {}) =>
      Promise.resolve().then(() =>
        readLogs(runDir(runId), Object.keys(getRun(deps, runId).steps), step, maxBytes),
      ),
    getSummary: (runId) => getSummary(deps, runId),
    readLogFrom: async (runId, step, offset, maxBytes) => {
      if (!isStepPath(step)) return new Uint8Array();
      return readLogFrom(
        join(runDir(getSummary(deps, runId).runId), `${stepFile(step)}.log`),
        offset,
        maxBytes,
      );
    },
    listLogs: (runId) => Promise.resolve(runDir(getSummary(deps, runId).runId)).then(listLogs),
    listArtifacts: (runId) => listArtifacts(runDir(runId), readEvents(store, runId)),
    listWorkspaces: () => listWorkspaces(kept),
    removeWorkspace: (workspace) => removeKept(kept, workspace),
    sweepWorkspaces: () => sweepKept(kept),
    logDir: (runId) => runDir(getSummary(deps, runId).runId),
    whileIdle: (runId, act) => whileIdle(deps, runId, act),
    close: () => {
      store.close();
    },
  };
}
