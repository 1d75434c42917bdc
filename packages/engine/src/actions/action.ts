import type { ActionManifest, JsonValue, Permissions } from '@sheaf/workflow';
import type { OutputStream, ProcessInput } from '../ports.js';

/** Values that an action gives back, by name. */
export type ActionOutputs = Readonly<Record<string, JsonValue>>;

/** What a step can use: built in, or a plugin of the project. */
export interface Action {
  readonly manifest: ActionManifest;
  /**
   * Does the work once. `inputs` fit the manifest and hold its defaults. Throws ActionError; anything else that is thrown is
   * `action.failed`. May be called again for the same step, with another `attempt`: what it does to the world should bear that.
   */
  run(inputs: Readonly<Record<string, JsonValue>>, context: ActionContext): Promise<ActionOutputs>;
}

/** What an action does, without its manifest. */
export type ActionImplementation = Action['run'];

/** All that an action may touch. */
export interface ActionContext {
  readonly runId: string;
  /** The path of the step, like `tell[3].send`. */
  readonly step: string;
  /** From 1; with run and step an idempotency key. */
  readonly attempt: number;
  /** The workspace, absolute. */
  readonly cwd: string;
  /** The unpacked, verified bundle, absolute. */
  readonly bundleDir?: string;
  /** A folder of this attempt alone (0700), which exists and is removed afterwards. */
  readonly scratchDir: string;
  /** The step's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly permissions: Permissions;
  /** Timeout or cancel: return soon, by throwing whatever; the runtime reports which of the two it was. */
  readonly signal: AbortSignal;
  /** Writes to the log of the step. */
  readonly log: (stream: OutputStream, text: string) => void;
  /** The value of a secret that the run may use. Throws ActionError `policy.denied`, `secret.…`. */
  readonly secret: (name: string) => Promise<string>;
  /** For what must be the same when the step is done again after a crash. */
  readonly seed: string;
  /** When the step began, in milliseconds since the epoch, from the journal. */
  readonly now: number;
  readonly startProcess: (spec: ActionProcess) => ActionProcessHandle;
  /** Says in the journal that a host was let through; again: no effect. */
  readonly onReach: (host: string) => void;
  /**
   * What all steps of the run share, such as a connection: made by the first that asks for the key, anew when it is not open any more,
   * and closed when the run ends. What `open` throws, whoever waits gets. Steps of another workflow share nothing with this one.
   */
  readonly keep: <T extends Kept>(key: string, open: (own: KeptContext) => Promise<T>) => Promise<T>;
}

/** Something that is kept open between steps. */
export interface Kept {
  readonly isOpen: boolean;
  /** Never rejects. */
  close(): Promise<void>;
}

/** What may be used to open what is kept: it outlives the step that asked first. */
export interface KeptContext {
  /** Its processes are ended when the run ends, and like the step's own after a crash. */
  readonly startProcess: (spec: ActionProcess) => ActionProcessHandle;
}

/** A process of an action: a group of its own, stopped with the step, and reaped when the engine dies. */
export interface ActionProcess {
  /** The name of a program, which is looked for on the PATH of `env`, or an absolute path. */
  readonly file: string;
  readonly args: readonly string[];
  /** Default: the workspace. */
  readonly cwd?: string;
  /** The whole environment; default: that of the step. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: nothing. */
  readonly stdin?: string;
  /** Standard input stays open, for `input` of the handle. */
  readonly keepStdin?: true;
  /** Gets standard output as it comes, in place of the log. */
  readonly onStdout?: (chunk: Uint8Array) => void;
  /** Gets standard error as well. */
  readonly onStderr?: (chunk: Uint8Array) => void;
  /** Tidies up: is started also when the step is to end, and then has 10 s. */
  readonly tidies?: true;
}

export interface ActionProcessHandle {
  /** Resolves when the process and its group are gone; never rejects. */
  readonly done: Promise<ActionProcessEnd>;
  /** Set where standard input was to stay open. */
  readonly input?: ProcessInput;
  /** Asks it to end, and ends it after a grace period. */
  stop(): void;
}

/** How a process ended. */
export interface ActionProcessEnd {
  /** Unset when a signal ended it, or it never began. */
  readonly exitCode?: number;
  readonly signal?: string;
  /** Why it never began, in one line. */
  readonly spawnError?: string;
  /** Standard output as UTF-8; unset when it was larger than `LIMITS.stdoutBytes`. */
  readonly stdout?: string;
  /** The end of standard error as UTF-8, at most 4 KiB. */
  readonly stderrTail: string;
}
