import type { JsonValue, SecretText } from '@sheaf/workflow';
import type { JournalEvent } from './events.js';
import type { JsonWithSecrets } from './secret-inputs.js';

/**
 * What is to be done next. `record`: a fact that follows from the events, to be journaled as it is, after `before`. `start`: journal
 * `step.started`, then begin the attempt. `open`: journal `step.opened`. `sleep`: journal `step.waiting` with the time that it
 * ends at, and then `step.woke`. `stop`: end what the step runs; may be said again and again until it ended. `keep`: copy an artifact, and
 * journal that; may be said again until it is.
 */
export type Command = RecordCommand | StartCommand | OpenCommand | SleepCommand | StopCommand | KeepCommand;

export interface RecordCommand {
  readonly type: 'record';
  readonly event: JournalEvent;
  /** What is journaled before it, and that nothing follows from. */
  readonly before?: JournalEvent;
}

export interface StartCommand {
  readonly type: 'start';
  readonly step: string;
  readonly attempt: number;
  /** Secrets stand in it by name. */
  readonly env: Readonly<Record<string, string | SecretText>>;
  /** `with` of an action or script, `inputs` of a shell step, evaluated. */
  readonly inputs: Readonly<Record<string, JsonValue>>;
  /** Of an action: those in which secrets stand by name. */
  readonly secretInputs?: Readonly<Record<string, JsonWithSecrets>>;
}

export interface OpenCommand {
  readonly type: 'open';
  readonly step: string;
  readonly attempt: number;
  readonly items?: readonly JsonValue[];
  readonly parameters?: Readonly<Record<string, JsonValue>>;
  readonly timeoutMs?: number;
}

export interface SleepCommand {
  readonly type: 'sleep';
  readonly step: string;
  readonly attempt: number;
  readonly for: 'time' | 'event' | 'retry';
  readonly source?: string;
  /** Neither: until something else ends it. */
  readonly delayMs?: number;
  /** Milliseconds since the epoch. */
  readonly until?: number;
}

export interface KeepCommand {
  readonly type: 'keep';
  readonly name: string;
  /** Relative to the workspace. */
  readonly path: string;
  readonly retentionMs?: number;
}

export interface StopCommand {
  readonly type: 'stop';
  readonly step: string;
}
