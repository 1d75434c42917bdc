import type { WorkflowDefinition } from '../model.js';
import type { Finding } from '../source/tree.js';

/** Checks what the schema cannot: that a workflow does not name itself. Whether others exist is known to a registry only. */
export function checkDependencies(definition: WorkflowDefinition): readonly Finding[] {
  if (definition.id === '' || !Object.hasOwn(definition.dependencies, definition.id)) return [];
  return [
    {
      code: 'dependency.self',
      message: `${definition.id} depends on itself`,
      path: ['dependencies', definition.id],
      at: 'key',
    },
  ];
}
