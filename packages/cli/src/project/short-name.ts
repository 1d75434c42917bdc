import { formatReference, formatSelector, type Project, type Reference } from '@sheaf/client';
import { splitWorkflowId, type Version } from '@sheaf/workflow';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/**
 * The short name that a workflow is to have in a project: the one that is asked for, else the one that it has there, else
 * its own.
 *
 * @throws CliError `project.name_invalid`, `project.name_reserved`, `project.name_taken`
 */
export function chooseName(
  project: Pick<Project, 'file' | 'workflows'>,
  reserved: ReadonlySet<string>,
  reference: Reference,
  asked: string | undefined,
): string {
  const isSame = (other: Reference) =>
    other.id === reference.id &&
    (reference.registry === undefined ||
      other.registry === undefined ||
      other.registry === reference.registry);
  const known = [...project.workflows.values()].find((entry) => isSame(entry.reference));
  const own: string = splitWorkflowId(reference.id).name;
  const name = asked ?? known?.name ?? own;
  const help = (other: string) => `sheaf add ${shellWord(formatReference(reference))} --as ${other}`;
  if (!NAME.test(name)) {
    throw new CliError(
      'project.name_invalid',
      `${JSON.stringify(printable(name))} is no name of a workflow`,
      {
        hint: [help(own), 'a name has 1 to 64 lower-case letters, digits and hyphens'],
      },
    );
  }
  if (reserved.has(name)) {
    throw new CliError('project.name_reserved', `${name} is a verb of sheaf, and cannot name a workflow`, {
      hint: help(`${name}-it`),
    });
  }
  const taken = project.workflows.get(name);
  if (taken !== undefined && !isSame(taken.reference)) {
    throw new CliError(
      'project.name_taken',
      `${project.file} calls ${formatReference(taken.reference)} by the name ${name}`,
      { hint: help(freeName(project, reference)) },
    );
  }
  return name;
}

/** `acme-deploy`, with a number where that is taken as well. */
function freeName({ workflows }: Pick<Project, 'workflows'>, { id }: Reference): string {
  const { namespace, name } = splitWorkflowId(id);
  const base = `${namespace}-${name}`.slice(0, 60).replace(/-+$/, '');
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? base : `${base}-${i}`;
    if (!workflows.has(candidate)) return candidate;
  }
}

/**
 * What is written for a version that somebody chose: what they asked for, or everything up to the next breaking version.
 * A channel moves and cannot be locked, so the version that it points at counts.
 */
export function requirementFor(selector: Reference['selector'], version: Version): Reference['selector'] {
  if (selector.kind !== 'latest' && selector.kind !== 'channel') return selector;
  return { kind: 'range', range: rangeFrom(version) };
}

/** `^1.4` for 1.4.2; a prerelease is named whole. */
export function rangeFrom(version: Version, operator: '^' | '~' = '^'): string {
  const [major = '0', minor = '0'] = version.split('.');
  return version.includes('-') ? `${operator}${version}` : `${operator}${major}.${minor}`;
}

/** A requirement for people: `^1.2`, or `the latest`. */
export function showSelector(selector: Reference['selector']): string {
  return formatSelector(selector) || 'the latest';
}
