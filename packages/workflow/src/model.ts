import type { Version, WorkflowId } from './names.js';

/** Any JSON value. Objects made by this package have no prototype, so that no key is special. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A validated workflow. Records have no prototype and keep the order of the file. */
export interface WorkflowDefinition {
  readonly id: WorkflowId;
  readonly version: Version;
  readonly name?: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly license?: string;
  readonly homepage?: string;
  readonly bundle: BundleSelection;
  readonly permissions: Permissions;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly requirements: Requirements;
  /** SemVer ranges by the id of the workflow they are about. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Reusable steps, by the name that `uses` calls them. */
  readonly actions: Readonly<Record<string, ActionTemplate>>;
  readonly steps: Readonly<Record<string, Step>>;
  /** Templates by output name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly artifacts: Readonly<Record<string, ArtifactSpec>>;
  /** What runs, one after the other, when the run has failed. */
  readonly catch: readonly Step[];
  /** What starts a run by itself; data only on one machine. */
  readonly on?: Triggers;
}

/** Globs over the bundle's paths; see `compileGlob` for their grammar. */
export interface BundleSelection {
  readonly include: readonly string[];
  readonly executable: readonly string[];
}

/** The kinds of permission in the order in which they are shown. */
export const PERMISSION_KINDS = [
  'network',
  'exec',
  'read',
  'write',
  'secrets',
] as const satisfies readonly (keyof Permissions)[];

/** What a run may touch. */
export interface Permissions {
  readonly network: readonly string[];
  readonly exec: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly secrets: readonly string[];
}

/** What the machine must have. */
export interface Requirements {
  readonly tools: readonly ToolRequirement[];
}

/** A program that must be on the PATH; `minimum` is a dotted number of up to three parts. */
export interface ToolRequirement {
  readonly name: string;
  readonly minimum?: string;
}

interface ParameterBase {
  readonly description?: string;
  /** False when there is a default, or when the author says so; a missing optional parameter is null. */
  readonly required: boolean;
}

/** A declared input, discriminated by `type`. */
export type Parameter =
  | (ParameterBase & { readonly type: 'string'; readonly default?: string; readonly pattern?: string })
  | (ParameterBase & {
      readonly type: 'integer' | 'number';
      readonly default?: number;
      readonly minimum?: number;
      readonly maximum?: number;
    })
  | (ParameterBase & { readonly type: 'boolean'; readonly default?: boolean })
  | (ParameterBase & { readonly type: 'enum'; readonly values: readonly string[]; readonly default?: string })
  | (ParameterBase & { readonly type: 'path'; readonly default?: string; readonly access: 'read' | 'write' })
  | (ParameterBase & { readonly type: 'json'; readonly default?: JsonValue })
  /** The value is the name of a secret, never the secret itself. */
  | (ParameterBase & { readonly type: 'secret'; readonly default?: string });

/** Values by name. Any text in them, at any depth, may hold `${{ }}`; a text that is one expression keeps the type of its value. */
export type Templates = Readonly<Record<string, JsonValue>>;

/** A file or folder that a run keeps. */
export interface ArtifactSpec {
  /** A template, relative to the workspace. */
  readonly path: string;
  /** How long it is kept; unset: as long as the run. */
  readonly retentionMs?: number;
}

/** Types that the outputs of actions are declared with. */
export const OUTPUT_TYPES = ['string', 'integer', 'number', 'boolean', 'list', 'map', 'json'] as const;

/** One of {@link OUTPUT_TYPES}; `json` is anything. */
export type OutputType = (typeof OUTPUT_TYPES)[number];

/** A reusable step. Its templates read what the step that uses it gives as `inputs`. */
export interface ActionTemplate {
  readonly description?: string;
  readonly inputs: Readonly<Record<string, Parameter>>;
  /** What it writes to `$SHEAF_OUTPUT` or returns, by name, besides what every step of its kind gives. */
  readonly outputs: Readonly<Record<string, OutputType>>;
  /** Never a block, a wait or an event. */
  readonly work: Work;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly retry?: Retry;
}

/** How a step that failed is tried again. */
export interface Retry {
  /** The first one included: 1 to 100. */
  readonly attempts: number;
  readonly backoff: 'constant' | 'linear' | 'exponential';
  /** Before the second attempt. */
  readonly delayMs: number;
  /** What no delay exceeds. */
  readonly maxDelayMs?: number;
  /** Does a delay vary at random, so that many runs do not try at the same moment? */
  readonly jitter: boolean;
}

/** What a step runs once for each item of a list. */
export interface Foreach {
  /** A template that gives a list. */
  readonly items: string;
  /** The name of an item in expressions. */
  readonly as: string;
  readonly maxParallel?: number;
}

/** One step. `needs` is what the author wrote; a plan adds what references imply. */
export interface Step {
  readonly id: string;
  /** Steps of the same scope: beside it at the top, in a block or in a loop. */
  readonly needs: readonly string[];
  /** A template that is one expression of type bool. */
  readonly when?: string;
  /** Templates by variable name. */
  readonly env: Readonly<Record<string, string>>;
  /** Of one attempt; of a block or a loop, of the whole. */
  readonly timeoutMs?: number;
  readonly retry?: Retry;
  readonly onFailure: 'fail' | 'continue';
  readonly foreach?: Foreach;
  readonly cache?: StepCache;
  readonly resources?: Resources;
  readonly work: Work;
}

/** What the result of a step depends on besides what it is given, where it may be used again. */
export interface StepCache {
  /** Globs in the workspace. */
  readonly files: readonly string[];
  /** Names of variables. */
  readonly env: readonly string[];
}

/** What one attempt takes of the machine, so that not too many begin at the same time. */
export interface Resources {
  /** May be a fraction. */
  readonly cpus?: number;
  readonly memoryBytes?: number;
}

/** A shell, or the interpreter and its arguments that are put before the script. */
export type Shell = 'bash' | 'sh' | readonly string[];

/** What a step does. */
export type Work =
  /** Without a shell: bash. */
  | { readonly kind: 'shell'; readonly run: string; readonly shell?: Shell }
  | { readonly kind: 'script'; readonly script: string; readonly with: Templates }
  /** `uses` is the name of an action, of one of [actions], or of one of [dependencies]. */
  | { readonly kind: 'action'; readonly uses: string; readonly with: Templates }
  /** One of the two: seconds, or a time (RFC 3339); each may be a template. */
  | { readonly kind: 'wait'; readonly seconds?: string | number; readonly until?: string }
  /** `match` is a condition on `event`. */
  | {
      readonly kind: 'await_event';
      readonly source: string;
      readonly match?: string;
      readonly timeoutMs?: number;
    }
  | { readonly kind: 'block'; readonly steps: Readonly<Record<string, Step>> };

/** What starts runs. */
export interface Triggers {
  readonly manual: boolean;
  readonly webhooks: readonly WebhookTrigger[];
  readonly events: readonly EventTrigger[];
  readonly schedules: readonly ScheduleTrigger[];
}

/** A request to a path of the runner. `with` gives parameters, from `event`. */
export interface WebhookTrigger {
  readonly path: string;
  /** The name of the secret that requests are signed with. */
  readonly secret?: string;
  readonly match?: string;
  readonly with: Templates;
}

/** An event from a named source. */
export interface EventTrigger {
  readonly source: string;
  readonly match?: string;
  readonly with: Templates;
}

/** Five fields of cron: minute, hour, day, month, day of the week. */
export interface ScheduleTrigger {
  readonly cron: string;
  /** An IANA zone; unset: UTC. */
  readonly timezone?: string;
  /** What happens when the run before is not over. */
  readonly overlap: 'skip' | 'queue' | 'allow';
  /** What happens to times that passed while nothing was listening. */
  readonly catchUp: 'none' | 'last' | 'all';
  readonly with: Templates;
}
