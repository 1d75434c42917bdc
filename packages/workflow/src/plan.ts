import type { JsonValue, Permissions, Requirements, WorkflowDefinition } from './model.js';
import type { Version, WorkflowId } from './names.js';

/** A definition bound to its parameters: serialisable, self-contained, what the engine runs and journals. */
export interface Plan {
  readonly schema: 'sheaf.plan/1';
  readonly workflow: { readonly id: WorkflowId; readonly version: Version };
  readonly permissions: Permissions;
  readonly requirements: Requirements;
  /** One entry for each declared parameter; null where an optional one was not given. */
  readonly parameters: Readonly<Record<string, JsonValue>>;
  /** In topological order; steps that are free of each other keep the order of the file. */
  readonly steps: readonly PlanStep[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** One step of a plan. */
export interface PlanStep {
  readonly id: string;
  /** What the author named and what references imply, in the order of `Plan.steps`. */
  readonly needs: readonly string[];
  readonly run: string;
  readonly shell: 'bash' | 'sh';
  readonly env: Readonly<Record<string, string>>;
  readonly when?: string;
  readonly timeoutMs?: number;
  readonly onFailure: 'fail' | 'continue';
}

export function createPlan(
  definition: WorkflowDefinition,
  values: Readonly<Record<string, JsonValue>>,
): Plan {
  throw new Error(`${definition.id} ${String(values)}`);
}
