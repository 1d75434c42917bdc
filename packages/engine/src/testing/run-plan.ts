import type { Plan } from '@sheaf/workflow';
import type { JournalEvent } from '../core/events.js';
import type { RunState } from '../core/run-state.js';
import { createState } from '../core/state.js';
import type { Journal, ProcessRunner, Time } from '../ports.js';
import { createActionPort } from '../runtime/action-port.js';
import { attemptStarter } from '../runtime/attempt.js';
import { driveRun, type DriverControl } from '../runtime/driver.js';
import { memoryJournal } from './memory-journal.js';
import { virtualTime } from './virtual-time.js';

export interface TestRun extends DriverControl {
  readonly runId?: string;
  readonly maxParallel?: number;
  /** The number of events that the journal takes. */
  readonly failAt?: number;
  readonly time?: Time;
  readonly journal?: Journal & { readonly events: readonly JournalEvent[] };
  /** Behind the start. */
  readonly first?: readonly JournalEvent[];
  readonly skip?: readonly string[];
}

/** Runs a plan in memory, without processes and without waiting. */
export async function runInMemory(
  plan: Plan,
  runner: ProcessRunner,
  { runId = 'run1', maxParallel = 4, failAt, time = virtualTime(), first = [], skip, ...rest }: TestRun = {},
): Promise<{ readonly state: RunState; readonly events: readonly JournalEvent[] }> {
  const { journal = memoryJournal(runId, failAt), ...control } = rest;
  const state = createState(plan, runId);
  const startAttempt = attemptStarter({
    runner,
    state,
    runId,
    cwd: '/w',
    bundleDirs: new Map(),
    inherited: {},
    shells: {},
    actions: createActionPort(1),
    findSecret: () => Promise.reject(new Error('there are no secrets')),
    runDir: () => '/nowhere',
    time,
    graceMs: 1_000,
  });
  const started = { ...startedEvent(plan, maxParallel), ...(skip === undefined ? {} : { skip }) };
  await driveRun({ journal, startAttempt, time }, state, [started, ...first], control);
  return { state, events: journal.events };
}

/** The event that the journal of a run begins with. */
export function startedEvent(
  plan: Plan,
  maxParallel: number,
): Extract<JournalEvent, { readonly type: 'run.started' }> {
  const source = { kind: 'local', path: '/w' } as const;
  return { type: 'run.started', plan, planDigest: 'sha256:0', source, cwd: '/w', maxParallel };
}
