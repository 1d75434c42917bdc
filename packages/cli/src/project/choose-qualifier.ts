import { isRegistryName, type Reference } from '@sheaf/client';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { chooseRegistry, settingsOf, type RegistryChoice } from '../registry/choose.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import type { OpenProject } from './open-project.js';

/** The registry that a workflow comes from, in a project that is to name it. */
export interface Qualified {
  readonly project: Pick<OpenProject, 'registries' | 'file'>;
  readonly reference: Reference;
  readonly choice: RegistryChoice;
}

/**
 * How a project is to call the registry that a workflow comes from: as the reference does; else by its name, where the
 * project has several or would mean another one. Undefined where it means that registry anyway. One that has no name yet
 * is given one: by `--registry-name`, or by whoever can be asked.
 *
 * @throws CliError `usage.registry_name`
 */
export async function chooseQualifier(
  context: Context,
  input: Input,
  { project: { registries, file }, reference, choice }: Qualified,
): Promise<string | undefined> {
  const given = input.get('registry-name');
  const [listed] = [...registries].find(([, url]) => url === choice.url) ?? [];
  const known = reference.registry ?? listed;
  if (given !== undefined && known !== undefined && given !== known)
    throw new CliError('usage.registry_name', `${choice.url} is called ${known} already, and not ${given}`, {
      hint: 'leave out --registry-name',
    });
  if (reference.registry !== undefined) return reference.registry;
  if (known !== undefined) return registries.size > 1 ? known : undefined;
  if (given === undefined && (await isMeantAnyway(context, registries, choice))) return undefined;
  const own = (await settingsOf(context)).registries;
  const named = given ?? choice.name ?? [...own.values()].find(({ url }) => url === choice.url)?.name;
  const name = named ?? (await askName(context, file, choice));
  const other = registries.get(name) ?? own.get(name)?.url;
  if (isRegistryName(name) && (other === undefined || other === choice.url)) return name;
  throw new CliError(
    'usage.registry_name',
    isRegistryName(name)
      ? `${name} is another registry already: ${printable(other ?? '')}`
      : `${JSON.stringify(printable(name.slice(0, 80)))} is no name of a registry`,
    {
      hint: 'use 1 to 64 lower-case letters, digits and hyphens, that no other registry has: --registry-name corp',
    },
  );
}

/** Whether the project means the registry without a word about it. */
async function isMeantAnyway(
  context: Context,
  { size }: OpenProject['registries'],
  { url, from }: RegistryChoice,
): Promise<boolean> {
  if (from === 'SHEAF_REGISTRY') return true;
  if (size > 0) return false;
  try {
    return (await chooseRegistry(context, undefined)).url === url;
  } catch {
    // Several are configured and none is the default: then it has to be said.
    return false;
  }
}

async function askName({ ui }: Context, file: string, { url }: RegistryChoice): Promise<string> {
  if (ui.canAsk) return (await ui.ask(`what shall ${printable(file)} call ${url}? `)).trim();
  throw new CliError('usage.registry_name', `${printable(file)} has no name for the registry ${url}`, {
    hint: [
      'give it one, so that the project says where the workflow comes from: --registry-name corp',
      `or for all your projects: sheaf registry add corp ${shellWord(url)}`,
    ],
  });
}
