import type { Plan } from '@sheaf/workflow';
import type { JournalEvent, RunError } from './events.js';
import type { Queue } from './queue.js';
import type { RunRules } from './rules.js';
import type { ReceivedEvent, ScopeState, StepState } from './scope.js';

export type ArtifactEvent = Extract<JournalEvent, { type: 'artifact.kept' | 'artifact.missing' }>;

/** What the events of a run amount to. Changed in place by `applyEvent` and by nothing else. */
export interface RunState {
  readonly plan: Plan;
  readonly runId: string;
  /** The scope of the plan's own steps. */
  readonly root: ScopeState;
  /** That of `catch`, once a step failed and all is settled. */
  catch: ScopeState | undefined;
  /** Every step that a scope was opened for, by its path. */
  readonly steps: Map<string, StepState>;
  readonly running: Set<StepState>;
  /** Ready steps that take room, by how deep they are: what is begun is ended before the next is begun. */
  readonly startable: Queue[];
  /** Ready steps that only wait. */
  readonly waits: Queue;
  /** Ready steps that can only be skipped, because of what they need. */
  readonly doomed: Queue;
  /** Steps with a time at which they wake. */
  readonly sleeping: Set<StepState>;
  /** Steps whose attempt failed and whose delay is to be journaled. */
  readonly retrying: Set<StepState>;
  /** Steps whose time has come. */
  readonly woken: Set<StepState>;
  /** Steps that wait for an event and have not looked at all that came. */
  readonly matching: Set<StepState>;
  /** By the source of the events. */
  readonly sources: Map<string, { readonly events: ReceivedEvent[]; readonly waits: Set<StepState> }>;
  /** Scopes of which every step is settled, and whose owner is not. */
  readonly completed: Set<ScopeState>;
  /** Paths of steps that somebody wants left out. */
  skip: ReadonlySet<string>;
  phase: 'new' | 'running' | 'cancelling' | 'finished';
  maxParallel: number;
  /** What the run is held to beside what its workflow declares. */
  rules: RunRules | undefined;
  /** Steps that were opened so far, those of scopes opened anew too. */
  opened: number;
  /** What became of the artifacts that the plan declares, by name. */
  readonly artifacts: Map<string, ArtifactEvent>;
  error: RunError | undefined;
  end: Extract<JournalEvent, { type: 'run.finished' }> | undefined;
}

/** What came from a source, and who waits for it. */
export function sourceOf(
  state: RunState,
  source: string,
): { readonly events: ReceivedEvent[]; readonly waits: Set<StepState> } {
  const known = state.sources.get(source);
  if (known !== undefined) return known;
  const made = { events: [], waits: new Set<StepState>() };
  state.sources.set(source, made);
  return made;
}
