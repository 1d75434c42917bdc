import type { Reference } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { chooseRegistry, type RegistryChoice } from '../registry/choose.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import type { OpenProject } from './open-project.js';

/**
 * How a project is to call the registry that a workflow comes from: as the reference does; else by its name, where the
 * project has several or would mean another one. Undefined where it means that registry anyway.
 */
export async function chooseQualifier(
  context: Context,
  {
    project: { registries, file },
    reference,
    choice,
  }: {
    readonly project: Pick<OpenProject, 'registries' | 'file'>;
    readonly reference: Reference;
    readonly choice: RegistryChoice;
  },
): Promise<string | undefined> {
  if (reference.registry !== undefined) return reference.registry;
  const [known] = [...registries].find(([, url]) => url === choice.url) ?? [];
  if (known !== undefined) return registries.size > 1 ? known : undefined;
  if (choice.from === 'SHEAF_REGISTRY') return undefined;
  if (registries.size === 0 && (await isUsual(context, choice))) return undefined;
  if (choice.name !== undefined) return choice.name;
  context.ui.warn(
    `${printable(file)} does not say that it comes from ${choice.url}; so that it does: sheaf registry add NAME ${shellWord(choice.url)}, then sheaf add NAME:${reference.id}`,
  );
  return undefined;
}

/** Whether the project means the registry without a word about it. */
async function isUsual(context: Context, { url }: RegistryChoice): Promise<boolean> {
  try {
    return (await chooseRegistry(context, undefined)).url === url;
  } catch {
    // Several are configured and none is the default: then it has to be said.
    return false;
  }
}
