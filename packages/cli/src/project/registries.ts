import type { Pin, Reference } from '@sheaf/client';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { OpenProject } from './open-project.js';

/**
 * The registry that a reference of a project means: its own qualifier; else flag and environment; else the only one
 * of `[registries]`; else, which is undefined here, the user's own.
 *
 * @throws CliError `reference.registry_unknown`, `reference.registry_ambiguous`
 */
export function chooseProjectRegistry(
  context: Pick<Context, 'env'>,
  input: Input,
  project: OpenProject,
  { reference, name }: { readonly reference: Reference; readonly name: string },
): string | undefined {
  const { registries } = project;
  if (reference.registry !== undefined) {
    const url = registries.get(reference.registry);
    if (url !== undefined) return url;
    throw new CliError(
      'reference.registry_unknown',
      `${project.file} has no registry called ${reference.registry}`,
      { hint: `add it to [registries], or name it by its address: --registry URL ${reference.id}` },
    );
  }
  const flag = input.get('registry');
  if (flag !== undefined) return flag;
  const variable = context.env['SHEAF_REGISTRY'];
  if (variable !== undefined && variable !== '') return undefined;
  const [only, ...more] = registries.values();
  if (more.length === 0) return only;
  const names = [...registries.keys()];
  throw new CliError(
    'reference.registry_ambiguous',
    `${name} may be of any of these registries: ${names.join(', ')}`,
    { hint: `say which one in ${project.file}: ${names[0] ?? ''}:${reference.id}` },
  );
}

/**
 * The origin that a lockfile knows a registry by. Without a pin it is what its address suggests: enough to compare a
 * lockfile with its project, and nothing is trusted for it.
 */
export function originOf(
  url: string,
  pin: Pick<Pin, 'origin'> | undefined,
  locked: readonly string[],
): string {
  if (pin !== undefined) return pin.origin;
  const { host } = new URL(url);
  const [only, ...more] = new Set(locked);
  return locked.includes(host) || only === undefined || more.length > 0 ? host : only;
}
