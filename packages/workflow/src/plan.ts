import { BUILT_IN_ACTIONS } from './actions/catalogue.js';
import { WorkflowError } from './errors.js';
import type { JsonValue, Parameter, Permissions, WorkflowDefinition } from './model.js';
import type { Plan, PlanOptions, SubPlan } from './plan-model.js';
import { orderSteps } from './plan-order.js';
import { planSteps, type PlanContext } from './plan-steps.js';
import { mapTable } from './tables.js';
import { quote } from './text.js';
import { analyseTemplates } from './validate/templates.js';

/**
 * Binds a valid definition to values for its parameters, as `bindParameters` makes them; a value that is missing is the default, or null for
 * an optional parameter. A path parameter adds itself to what the run may read or write, and a secret one to the secrets. Deterministic.
 * Throws WorkflowError `parameter.missing`, `plan.workflow` for a workflow that is not found or uses itself, `plan.action` for an action that
 * the catalogue has not, and `plan.cycle` for a definition that was never validated.
 */
export function createPlan(
  definition: WorkflowDefinition,
  values: Readonly<Record<string, JsonValue>>,
  options: PlanOptions = {},
): Plan {
  const parameters = mapTable(definition.parameters, (parameter, name) => valueOf(parameter, name, values));
  const context: PlanContext = {
    definition,
    catalogue: options.catalogue ?? BUILT_IN_ACTIONS,
    reads: analyseTemplates(definition, options).steps,
    find: options.workflows,
    used: Object.create(null) as Record<string, SubPlan>,
    tools: [...definition.requirements.tools],
    within: [definition.id],
  };
  const parameterTypes = mapTable(definition.parameters, ({ type }) => type);
  const planned = planSteps(context);
  return {
    schema: 'sheaf.plan/1',
    workflow: { id: definition.id, version: definition.version },
    permissions: extendPermissions(definition, parameters),
    requirements: { tools: context.tools },
    parameters,
    ...(Object.keys(parameterTypes).length === 0 ? {} : { parameterTypes }),
    ...planned,
    workflows: context.used,
  };
}

/**
 * The steps of a valid definition in the order of its plan, each with all that it waits for: what the graph shows
 * before any parameter is known. Throws WorkflowError `plan.cycle` for a definition that was never validated.
 */
export function listStepGraph(
  definition: WorkflowDefinition,
): readonly { readonly id: string; readonly needs: readonly string[] }[] {
  const reads = analyseTemplates(definition).steps;
  return orderSteps(definition.steps, reads).map(({ step, needs }) => ({ id: step.id, needs }));
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
  const given = (matches: (parameter: Parameter) => boolean) =>
    Object.entries(definition.parameters).flatMap(([name, parameter]) => {
      const value = parameters[name];
      return matches(parameter) && typeof value === 'string' ? [value] : [];
    });
  const paths = (access: 'read' | 'write') =>
    given((parameter) => parameter.type === 'path' && parameter.access === access);
  const { permissions } = definition;
  return {
    ...permissions,
    read: [...new Set([...permissions.read, ...paths('read')])],
    write: [...new Set([...permissions.write, ...paths('write')])],
    secrets: [...new Set([...permissions.secrets, ...given(({ type }) => type === 'secret')])],
  };
}
