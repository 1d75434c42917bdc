import type { WorkflowDefinition } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { remember } from './candidates.js';

/** Keeps what a workflow takes, for `-p` behind its id or behind the word that was typed for it, whatever version that names. */
export function rememberParameters(
  context: Pick<Context, 'paths'>,
  word: string,
  { id, parameters }: Pick<WorkflowDefinition, 'id' | 'parameters'>,
): Promise<void> {
  const calledBy = [...new Set([word.split('@', 1)[0] ?? '', id])];
  const words = calledBy.flatMap((name) =>
    Object.keys(parameters).map((parameter) => `${name}/${parameter}`),
  );
  return remember(context, 'parameter', words);
}
