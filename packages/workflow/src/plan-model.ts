import type {
  ArtifactSpec,
  Foreach,
  JsonValue,
  Parameter,
  Permissions,
  Requirements,
  Resources,
  Retry,
  Shell,
  StepCache,
  Templates,
} from './model.js';
import type { Version, WorkflowId } from './names.js';
import type { Surroundings } from './uses.js';

/** A definition bound to its parameters: serialisable, self-contained, what the engine runs and journals. */
export interface Plan {
  readonly schema: 'sheaf.plan/1';
  readonly workflow: { readonly id: WorkflowId; readonly version: Version };
  readonly permissions: Permissions;
  /** Also what the workflows that it uses need. */
  readonly requirements: Requirements;
  /** One entry for each declared parameter; null where an optional one was not given; of a secret, its name. */
  readonly parameters: Readonly<Record<string, JsonValue>>;
  /** What they are declared as; absent where there are none. JSON cannot say that 3 is a number with a fraction, nor that a text names a secret. */
  readonly parameterTypes?: Readonly<Record<string, Parameter['type']>>;
  /** In topological order; steps that are free of each other keep the order of the file. */
  readonly steps: readonly PlanStep[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly artifacts: Readonly<Record<string, ArtifactSpec>>;
  /** Each needs the one before. */
  readonly catch: readonly PlanStep[];
  /** By `id@version`, what its steps use, also those of other workflows. */
  readonly workflows: Readonly<Record<string, SubPlan>>;
}

/** A workflow that is used as a step: its parameters get their values when the step runs. */
export interface SubPlan {
  readonly workflow: { readonly id: WorkflowId; readonly version: Version };
  /** Of its bundle, `sha256:` and 64 hexadecimal digits. */
  readonly digest?: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly permissions: Permissions;
  readonly steps: readonly PlanStep[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly artifacts: Readonly<Record<string, ArtifactSpec>>;
  readonly catch: readonly PlanStep[];
}

/** One step of a plan. */
export interface PlanStep {
  readonly id: string;
  /** What the author named and what references imply, in the order of the steps beside it. */
  readonly needs: readonly string[];
  readonly when?: string;
  /** What one of [actions] was given: evaluated first, then known as `inputs`, and to a shell as INPUT_<NAME>. */
  readonly inputs?: Templates;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly retry?: Retry;
  readonly onFailure: 'fail' | 'continue';
  readonly foreach?: Foreach;
  readonly cache?: StepCache;
  readonly resources?: Resources;
  readonly work: PlanWork;
}

/** What a step of a plan does. */
export type PlanWork =
  | { readonly kind: 'shell'; readonly run: string; readonly shell: Shell }
  | { readonly kind: 'script'; readonly script: string; readonly with: Templates }
  /** `action` and `version` as in the catalogue; `with` has the defaults of its inputs. */
  | { readonly kind: 'action'; readonly action: string; readonly version: string; readonly with: Templates }
  /** `workflow` is a key of `Plan.workflows`. */
  | { readonly kind: 'workflow'; readonly workflow: string; readonly with: Templates }
  | { readonly kind: 'wait'; readonly seconds?: string | number; readonly until?: string }
  | {
      readonly kind: 'await_event';
      readonly source: string;
      readonly match?: string;
      readonly timeoutMs?: number;
    }
  /** In topological order. */
  | { readonly kind: 'block'; readonly steps: readonly PlanStep[] };

/**
 * What a plan is made with besides the definition. Without `workflows` it names those of [dependencies] as `id@range` and says nothing of
 * what they do, so that it can be shown and not be run; with it they are found also for a workflow that is used.
 */
export type PlanOptions = Surroundings;
