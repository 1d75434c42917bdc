import type { Context } from '../frame/context.js';
import type { WorkflowSource } from '../workflow/source.js';

/** A definition, checked against what its lockfile says of the workflows that it uses, as `checkLocked` does. */
export async function withLocked(
  context: Pick<Context, 'env' | 'paths'>,
  source: WorkflowSource,
): Promise<WorkflowSource> {
  if (Object.keys(source.definition?.dependencies ?? {}).length === 0) return source;
  const { checkLocked } = await import('./locked-definitions.js');
  return checkLocked(context, source);
}
