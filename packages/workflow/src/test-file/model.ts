import type { JsonValue } from '../model.js';
import type { Path } from '../source/tree.js';

/** What a step does in a test in the place of its work: the first attempt what stands first, and so on; the last stands for all after. */
export interface Mock {
  /** Does its work after all, in the workspace of the test. */
  readonly real: boolean;
  readonly attempts: readonly MockAttempt[];
}

export interface MockAttempt {
  readonly stdout?: string;
  /** Of a command; anything but 0 fails. */
  readonly exitCode?: number;
  readonly outputs: Readonly<Record<string, JsonValue>>;
  readonly failure?: { readonly code: string; readonly message: string; readonly retryable: boolean };
  /** How long it takes, in the time of the test. */
  readonly takesMs: number;
}

/** An event that is sent to the run, so long after its start. */
export interface TestEvent {
  readonly source: string;
  readonly data: JsonValue;
  readonly afterMs: number;
}

export type ExpectedStatus = 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'not_run';

/** What a step is expected to have done; what is not there is not looked at. Of tables, only the keys that are named. */
export interface ExpectedStep {
  readonly status?: ExpectedStatus;
  readonly attempts?: number;
  /** Attempts of all steps of that name: of a loop, those of all items. */
  readonly calls?: number;
  /** Code of why it failed or was skipped. */
  readonly reason?: string;
  readonly env: Readonly<Record<string, JsonValue>>;
  readonly inputs: Readonly<Record<string, JsonValue>>;
  readonly outputs: Readonly<Record<string, JsonValue>>;
}

export interface Expected {
  /** Without it, the run succeeds. */
  readonly status?: 'succeeded' | 'failed' | 'cancelled';
  readonly outputs: Readonly<Record<string, JsonValue>>;
  /** The first failure. */
  readonly error: Readonly<Record<string, JsonValue>>;
  readonly steps: Readonly<Record<string, ExpectedStep>>;
  /** Steps in the order in which they begin. */
  readonly order: readonly string[];
}

/** What a step without a mock does: `error` ends the test, `succeed` gives no outputs, `real` does the step's work. */
export type Unmocked = 'error' | 'succeed' | 'real';

/** One test of a workflow. */
export interface WorkflowTest {
  readonly name: string;
  /** Where the file has it. */
  readonly path: Path;
  readonly parameters: Readonly<Record<string, JsonValue>>;
  /** Of the caller, for steps that do their work. */
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Texts of files in the workspace, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly unmocked: Unmocked;
  /** By the name of a step: `tell`, `checks.lint`, one item `tell[3]`, `catch.clean`. */
  readonly mocks: Readonly<Record<string, Mock>>;
  /** When it starts, milliseconds since the epoch. */
  readonly startMs: number;
  readonly events: readonly TestEvent[];
  readonly expect: Expected;
  /** Conditions in `${{ }}` on what came out. */
  readonly assert: readonly string[];
}
