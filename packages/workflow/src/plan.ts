import { mapTable } from './build.js';
import { WorkflowError } from './errors.js';
import { writeDoubles } from './expression/doubles.js';
import { sortTopologically } from './graph.js';
import type { JsonValue, Parameter, Permissions, Requirements, Step, WorkflowDefinition } from './model.js';
import type { Version, WorkflowId } from './names.js';
import { quote } from './text.js';
import { analyseTemplates } from './validate/templates.js';

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

/**
 * Binds a valid definition to values for its parameters, as `bindParameters` makes them; a value that is missing is the default, or null for
 * an optional parameter. A path parameter adds itself to what the run may read or write. Deterministic.
 * Throws WorkflowError `parameter.missing`, and `plan.cycle` for a definition that was never validated.
 */
export function createPlan(
  definition: WorkflowDefinition,
  values: Readonly<Record<string, JsonValue>>,
): Plan {
  const parameters = mapTable(definition.parameters, (parameter, name) => valueOf(parameter, name, values));
  const rewrite = (template: string) => writeDoubles(template, definition, parameters);
  return {
    schema: 'sheaf.plan/1',
    workflow: { id: definition.id, version: definition.version },
    permissions: extendPermissions(definition, parameters),
    requirements: definition.requirements,
    parameters,
    steps: orderSteps(definition).map(({ step, needs }) => ({
      id: step.id,
      needs,
      run: step.run,
      shell: step.shell ?? 'bash',
      env: mapTable(step.env, rewrite),
      ...(step.when === undefined ? {} : { when: rewrite(step.when) }),
      ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
      onFailure: step.onFailure,
    })),
    outputs: mapTable(definition.outputs, rewrite),
  };
}

/**
 * The steps of a valid definition in the order of its plan, each with all that it waits for: what the graph shows
 * before any parameter is known. Throws WorkflowError `plan.cycle` for a definition that was never validated.
 */
export function listStepGraph(
  definition: WorkflowDefinition,
): readonly { readonly id: string; readonly needs: readonly string[] }[] {
  return orderSteps(definition).map(({ step, needs }) => ({ id: step.id, needs }));
}

function valueOf(parameter: Parameter, name: string, values: Readonly<Record<string, JsonValue>>): JsonValue {
  const given = Object.hasOwn(values, name) ? values[name] : undefined;
  const value = given ?? parameter.default ?? null;
  if (value === null && parameter.required) {
    throw new WorkflowError('parameter.missing', `parameter ${quote(name)} has no value`, {
      hint: `give it, as in -p ${name}=…`,
    });
  }
  return value;
}

function extendPermissions(
  definition: WorkflowDefinition,
  parameters: Readonly<Record<string, JsonValue>>,
): Permissions {
  const paths = (access: 'read' | 'write') =>
    Object.entries(definition.parameters).flatMap(([name, parameter]) => {
      const value = parameters[name];
      return parameter.type === 'path' && parameter.access === access && typeof value === 'string'
        ? [value]
        : [];
    });
  const { permissions } = definition;
  return {
    ...permissions,
    read: [...new Set([...permissions.read, ...paths('read')])],
    write: [...new Set([...permissions.write, ...paths('write')])],
  };
}

function orderSteps(
  definition: WorkflowDefinition,
): readonly { readonly step: Step; readonly needs: readonly string[] }[] {
  const steps = Object.values(definition.steps);
  const index = new Map(steps.map((step, at) => [step.id, at]));
  const implied = analyseTemplates(definition).steps;
  const needs = steps.map((step) => {
    const all = new Set([...step.needs, ...(implied.get(step.id)?.keys() ?? [])]);
    return [...all].flatMap((need) => index.get(need) ?? []);
  });
  const order = sortTopologically(needs);
  if (order === undefined) {
    throw new WorkflowError('plan.cycle', 'the steps wait for each other', {
      hint: 'validate the definition first',
    });
  }
  const place = new Map(order.map((node, at) => [node, at]));
  const byPlace = (a: number, b: number) => (place.get(a) ?? 0) - (place.get(b) ?? 0);
  return order.flatMap((node) => {
    const step = steps[node];
    if (step === undefined) return [];
    return { step, needs: [...(needs[node] ?? [])].sort(byPlace).flatMap((need) => steps[need]?.id ?? []) };
  });
}
