import { formatReference, setProjectEntry, type Reference } from '@sheaf/client';
import { CliError } from '../frame/errors.js';
import type { RegistryChoice } from '../registry/choose.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import type { OpenProject } from './open-project.js';

/** A line of `[registries]`. */
interface RegistryLine {
  readonly name: string;
  readonly url: string;
}

/**
 * Lets every name of a project that names no registry say the one that it means: another line of `[registries]` would
 * change what it means, and the next run would take a workflow of the same name from somewhere else.
 *
 * @param added the line that is about to be written
 * @param except a short name that is written anew
 * @param own what the user's configuration names, for registries that have no name in the project yet
 * @param locate the registry that a reference means so far
 * @returns the text of `sheaf.toml`, without the added line, and the lines of `[workflows]` that changed
 * @throws CliError `project.registry_unnamed`; what locate throws
 */
export async function keepMeaning(
  {
    project,
    added,
    except,
    own,
  }: {
    readonly project: OpenProject;
    readonly added: RegistryLine;
    readonly except: string;
    readonly own: Iterable<RegistryLine>;
  },
  locate: (reference: Reference) => Promise<Pick<RegistryChoice, 'url'>>,
): Promise<{ readonly text: string; readonly changed: readonly string[] }> {
  const meant: { readonly name: string; readonly reference: Reference; readonly url: string }[] = [];
  for (const { name, reference } of project.workflows.values())
    if (name !== except && reference.registry === undefined)
      meant.push({ name, reference, url: (await locate(reference)).url });
  // The only registry of a project is what its names mean anyway.
  const isSame = project.registries.size === 0 && meant.every(({ url }) => url === added.url);
  if (isSame) return { text: project.text, changed: [] };
  let { text } = project;
  const lines: RegistryLine[] = [...project.registries].map(([name, url]) => ({ name, url }));
  const changed: string[] = [];
  for (const { name, reference, url } of meant) {
    const line = nameFor([...lines, added, ...own], url);
    if (line === undefined)
      throw unnamed({ name, written: formatReference(reference), file: project.file, added }, url);
    const value = formatReference({ ...reference, registry: line.name });
    text = setProjectEntry(text, project.file, { table: 'workflows', name, value });
    if (line !== added && !lines.includes(line)) {
      text = setProjectEntry(text, project.file, { table: 'registries', name: line.name, value: line.url });
      lines.push(line);
    }
    changed.push(`${name} = ${value}`);
  }
  return { text, changed };
}

/** The first line of an address whose name means no other in the lines before it. */
function nameFor(lines: readonly RegistryLine[], url: string): RegistryLine | undefined {
  return lines.find((line) => line.url === url && lines.find(({ name }) => name === line.name)?.url === url);
}

function unnamed(
  {
    name,
    written,
    file,
    added,
  }: { readonly name: string; readonly written: string; readonly file: string; readonly added: RegistryLine },
  url: string,
): CliError {
  return new CliError(
    'project.registry_unnamed',
    `with ${added.name} in [registries] of ${printable(file)}, ${name} = ${written} would no longer be of ${url}; nothing was changed`,
    {
      hint: [`name its registry, then run the same command again: sheaf registry add NAME ${shellWord(url)}`],
    },
  );
}
