import type { RunControl } from '@sheaf/engine';
import type { Plan } from '@sheaf/workflow';

/** Shows a run while it goes on. */
export interface RunReporter extends Required<Pick<RunControl, 'onEvent' | 'onOutput'>> {
  /** How many steps run now. */
  readonly running: () => number;
  readonly close: () => void;
}

/** A way to show a run; it is told of nothing but what concerns it. */
export type Reporter = Omit<RunReporter, 'running'>;

/** What is known before a run goes on. */
export interface Shown {
  readonly plan: Plan;
  /** Steps that an earlier process has settled. */
  readonly settled: ReadonlySet<string>;
}
