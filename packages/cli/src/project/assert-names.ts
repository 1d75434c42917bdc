import type { Project } from '@sheaf/client';
import { CliError } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';
import { printable } from '../terminal/escape.js';

/** @throws CliError `project.name_unknown` with the near one, when a name is not one of a project's */
export function assertNames(
  { file, workflows }: Pick<Project, 'file' | 'workflows'>,
  names: readonly string[],
): void {
  const unknown = names.find((name) => !workflows.has(name));
  if (unknown === undefined) return;
  const known = [...workflows.keys()];
  const near = findNear(unknown, known);
  const list = known.length === 0 ? 'it has none: sheaf add REF' : `it has ${known.join(', ')}`;
  throw new CliError('project.name_unknown', `${file} has no workflow called ${printable(unknown)}`, {
    hint: near === undefined ? list : `did you mean ${near}`,
  });
}
