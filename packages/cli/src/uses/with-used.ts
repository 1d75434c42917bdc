import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import type { FetchOptions } from '../registry/fetch.js';
import { isAddress } from '../workflow/address.js';
import { assertValid, checkUsed, type ValidSource } from '../workflow/source.js';
import type { fetchUsed } from './fetch-used.js';
import { NO_WORKFLOWS, type UsedWorkflows } from './used-workflows.js';

/** A definition of one's own, checked against the workflows that it uses. */
export interface LocalWithUsed {
  readonly path: string;
  readonly source: ValidSource;
  readonly used: UsedWorkflows;
}

/**
 * Gets what a definition of one's own uses, and holds it against that. What lies at an address is shown as it stands: it has no lockfile.
 *
 * @throws as `fetchLocalUsed`, `assertValid`
 */
export async function withUsed(
  context: Context,
  input: Input,
  { path, source }: Pick<LocalWithUsed, 'path' | 'source'>,
  options: FetchOptions,
): Promise<LocalWithUsed> {
  const isPlain = Object.keys(source.definition.dependencies).length === 0;
  if (isPlain || isAddress(path)) return { path, source, used: NO_WORKFLOWS };
  const { fetchLocalUsed } = await import('./local-used.js');
  const used = await fetchLocalUsed(context, input, source, options);
  if (used.find === undefined) return { path, source, used };
  const checked = checkUsed(source, used.find);
  assertValid(checked);
  return { path, source: checked, used };
}

/** What a verified workflow uses, fetched and verified as {@link fetchUsed} does. @throws as there */
export async function usedBy(
  context: Context,
  input: Input,
  root: Parameters<typeof fetchUsed>[2],
  options: FetchOptions,
): Promise<UsedWorkflows> {
  if (Object.keys(root.fetched.workflow.bundle.definition.dependencies).length === 0) return NO_WORKFLOWS;
  const module = await import('./fetch-used.js');
  return module.fetchUsed(context, input, root, options);
}
