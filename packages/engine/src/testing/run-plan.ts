import type { Plan } from '@sheaf/workflow';
import type { KeepCommand } from '../core/command.js';
import type { JournalEvent } from '../core/events.js';
import type { RunState } from '../core/run-state.js';
import { createState } from '../core/state.js';
import type { Journal, ProcessRunner, Time } from '../ports.js';
import { attemptStarter } from '../runtime/attempt.js';
import { createKeeper } from '../runtime/kept.js';
import { NO_SECRETS } from '../secrets/held-secrets.js';
import { driveRun, type DriverControl } from '../runtime/driver.js';
import { memoryJournal } from './memory-journal.js';
import { virtualTime } from './virtual-time.js';

const ISOLATION = { profile: 'permissive', sandbox: 'none' } as const;

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
  { runId = 'run1', maxParallel = 4, first = [], skip, ...rest }: TestRun = {},
): Promise<{ readonly state: RunState; readonly events: readonly JournalEvent[] }> {
  const state = createState(plan, runId);
  const started = { ...startedEvent(plan, maxParallel), ...(skip === undefined ? {} : { skip }) };
  return { state, events: await drive(state, runner, [started, ...first], rest) };
}

/** Goes on with a run whose engine died: gives what the journal gets after that. */
export function continueInMemory(
  state: RunState,
  runner: ProcessRunner,
  options: TestRun,
): Promise<readonly JournalEvent[]> {
  const interrupted = [...state.running].map((entry): JournalEvent => {
    const reason = { code: 'step.interrupted', message: 'the engine ended while it ran' } as const;
    return { type: 'step.interrupted', step: entry.path, attempt: entry.attempts, reason };
  });
  return drive(
    state,
    runner,
    [{ type: 'run.resumed', maxParallel: 4, isolation: ISOLATION }, ...interrupted],
    options,
  );
}

async function drive(
  state: RunState,
  runner: ProcessRunner,
  first: readonly JournalEvent[],
  { failAt, time = virtualTime(), journal = memoryJournal(state.runId, failAt), ...control }: TestRun,
): Promise<readonly JournalEvent[]> {
  const startAttempt = attemptStarter({
    keeper: createKeeper(),
    runner,
    state,
    runId: state.runId,
    cwd: '/w',
    bundleDirs: new Map(),
    inherited: {},
    shells: {},
    // Scripts say of what they were given how much it was: a sandbox is not what is tested here.
    actions: {
      perform: (name) => Promise.reject(new Error(`there is no action ${name}`)),
      runScript: ({ input }) => Promise.resolve({ sum: JSON.stringify(input).length }),
      close: () => Promise.resolve(),
    },
    protection: { profile: 'permissive', confinement: undefined, secrets: NO_SECRETS },
    runDir: () => '/nowhere',
    time,
    graceMs: 1_000,
  });
  const keepArtifact = ({ name, path }: KeepCommand): Promise<readonly JournalEvent[]> =>
    Promise.resolve([{ type: 'artifact.kept', name, path, sizeBytes: path.length, sha256: '0'.repeat(64) }]);
  await driveRun({ journal, startAttempt, keepArtifact, time }, state, first, control);
  return journal.events;
}

/** The event that the journal of a run begins with. */
export function startedEvent(
  plan: Plan,
  maxParallel: number,
): Extract<JournalEvent, { readonly type: 'run.started' }> {
  const source = { kind: 'local', path: '/w' } as const;
  return {
    type: 'run.started',
    plan,
    planDigest: 'sha256:0',
    source,
    cwd: '/w',
    maxParallel,
    isolation: ISOLATION,
  };
}
