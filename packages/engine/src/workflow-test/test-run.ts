import type { JsonValue, PlanOptions } from '@sheaf/workflow';
import type { EngineTools } from '../actions/plugins/project-tools.js';
import type { RunStatus } from '../api.js';
import type { RunState } from '../core/run-state.js';

/** What a test is run with besides the definition. Paths are absolute. */
export interface TestOptions extends PlanOptions {
  /** The folder of the definition. */
  readonly bundleDir: string;
  /** Of the caller; steps that do their work inherit a few variables of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly tools?: EngineTools;
  readonly signal?: AbortSignal;
}

/** An attempt at a step, with what it was given; secrets stand as `<NAME>`. */
export interface TestCall {
  readonly step: string;
  readonly attempt: number;
  readonly env: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, JsonValue>>;
}

/** What happened in a test, before it is judged. */
export interface TestRun {
  readonly state: RunState;
  readonly calls: readonly TestCall[];
  /** Paths of steps as they began; of a step that was tried again, several times. */
  readonly begun: readonly string[];
  /** Names of steps that would have done their work. */
  readonly unmocked: readonly string[];
  /** It waited for what never came. */
  readonly isStuck: boolean;
  /** In the time of the test. */
  readonly durationMs: number;
}

/** One thing that is not as the test expects it. */
export interface TestFailure {
  /** Where the test file says it. */
  readonly path: readonly (string | number)[];
  readonly at?: 'key';
  /** One line, lower case, no final full stop. */
  readonly message: string;
  readonly hint?: string;
  /** What was compared, where two values were. */
  readonly expected?: JsonValue;
  readonly got?: JsonValue;
  readonly note?: string;
}

/** What came of a test. */
export interface TestOutcome {
  readonly passed: boolean;
  readonly status: RunStatus;
  readonly failures: readonly TestFailure[];
  /** Names of the steps that ran, were opened or waited. */
  readonly ran: readonly string[];
  /** In the time of the test. */
  readonly durationMs: number;
}
