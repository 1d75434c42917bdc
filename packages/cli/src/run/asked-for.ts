import type { Permissions, Plan, WorkflowDefinition } from '@sheaf/workflow';

/**
 * What somebody is asked to agree to: what a workflow declares, the secrets that its parameters name, and the paths that it has chosen
 * itself, as defaults of parameters. What was given was agreed to by giving it.
 */
export function askedFor(
  { permissions, parameters }: Pick<WorkflowDefinition, 'permissions' | 'parameters'>,
  plan: Pick<Plan, 'permissions'>,
  given: Readonly<Record<string, string>>,
): Permissions {
  const chosen = (access: 'read' | 'write'): readonly string[] =>
    Object.entries(parameters).flatMap(([name, parameter]) =>
      parameter.type === 'path' &&
      parameter.access === access &&
      parameter.default !== undefined &&
      !Object.hasOwn(given, name)
        ? [parameter.default]
        : [],
    );
  return {
    ...permissions,
    read: [...new Set([...permissions.read, ...chosen('read')])],
    write: [...new Set([...permissions.write, ...chosen('write')])],
    secrets: plan.permissions.secrets,
  };
}
