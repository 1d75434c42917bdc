import type { JsonValue, OutputType } from '../model.js';

/** A number and a unit, as files write it. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** A definition as data, with the keys that files have. */
export interface WorkflowSpec {
  readonly id: `${string}/${string}`;
  readonly version: string;
  readonly name?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly license?: string;
  readonly homepage?: `https://${string}`;
  readonly bundle?: { readonly include?: readonly string[]; readonly executable?: readonly string[] };
  readonly permissions?: {
    readonly network?: readonly string[];
    readonly exec?: readonly string[];
    readonly read?: readonly string[];
    readonly write?: readonly string[];
    readonly secrets?: readonly string[];
  };
  readonly parameters?: Readonly<Record<string, ParameterSpec>>;
  readonly requirements?: { readonly tools?: readonly string[] };
  readonly dependencies?: Readonly<Record<`${string}/${string}`, string>>;
  readonly actions?: Readonly<Record<string, ActionSpec>>;
  readonly steps: Readonly<Record<string, StepSpec>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly artifacts?: Readonly<Record<string, { readonly path: string; readonly retention?: Duration }>>;
  readonly catch?: readonly (Omit<StepSpec, 'needs'> & { readonly id?: string })[];
  readonly on?: TriggerSpec;
}

interface ParameterBaseSpec {
  readonly description?: string;
  readonly required?: boolean;
}

/** A parameter: its default is of its type. */
export type ParameterSpec =
  | (ParameterBaseSpec & { readonly type: 'string'; readonly default?: string; readonly pattern?: string })
  | (ParameterBaseSpec & {
      readonly type: 'integer' | 'number';
      readonly default?: number;
      readonly minimum?: number;
      readonly maximum?: number;
    })
  | (ParameterBaseSpec & { readonly type: 'boolean'; readonly default?: boolean })
  | (ParameterBaseSpec & {
      readonly type: 'enum';
      readonly values: readonly string[];
      readonly default?: string;
    })
  | (ParameterBaseSpec & {
      readonly type: 'path';
      readonly default?: string;
      readonly access?: 'read' | 'write';
    })
  | (ParameterBaseSpec & { readonly type: 'json'; readonly default?: JsonValue })
  | (ParameterBaseSpec & { readonly type: 'secret'; readonly default?: string });

interface CommonSpec {
  readonly run?: string;
  readonly shell?: 'bash' | 'sh' | readonly string[];
  readonly script?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, JsonValue>>;
  readonly env?: Readonly<Record<string, string | number | boolean>>;
  readonly timeout?: Duration;
  readonly retry?: {
    readonly attempts?: number;
    readonly backoff?: 'constant' | 'linear' | 'exponential';
    readonly delay?: Duration;
    readonly max_delay?: Duration;
    readonly jitter?: boolean;
  };
}

/** One of [actions]. */
export interface ActionSpec extends CommonSpec {
  readonly description?: string;
  readonly inputs?: Readonly<Record<string, ParameterSpec>>;
  readonly outputs?: Readonly<Record<string, OutputType>>;
}

/** A step. */
export interface StepSpec extends CommonSpec {
  readonly needs?: readonly string[];
  readonly when?: string;
  readonly on_failure?: 'fail' | 'continue';
  readonly foreach?: string;
  readonly as?: string;
  readonly max_parallel?: number;
  readonly do?: Readonly<Record<string, StepSpec>>;
  readonly parallel?: true;
  readonly steps?: Readonly<Record<string, StepSpec>>;
  readonly wait?: { readonly seconds?: number | string; readonly until?: string };
  readonly await_event?: {
    readonly source: string;
    readonly match?: string;
    readonly timeout?: Duration;
  };
  readonly cache?: { readonly files?: readonly string[]; readonly env?: readonly string[] };
  readonly resources?: {
    readonly cpus?: number;
    readonly memory?: `${number}${'KiB' | 'MiB' | 'GiB'}`;
  };
}

/** What starts a run. */
export interface TriggerSpec {
  readonly manual?: boolean;
  readonly webhook?: readonly {
    readonly path: `/${string}`;
    readonly secret?: string;
    readonly match?: string;
    readonly with?: Readonly<Record<string, JsonValue>>;
  }[];
  readonly event?: readonly {
    readonly source: string;
    readonly match?: string;
    readonly with?: Readonly<Record<string, JsonValue>>;
  }[];
  readonly schedule?: readonly {
    readonly cron: string;
    readonly timezone?: string;
    readonly overlap?: 'skip' | 'queue' | 'allow';
    readonly catch_up?: 'none' | 'last' | 'all';
    readonly with?: Readonly<Record<string, JsonValue>>;
  }[];
}
