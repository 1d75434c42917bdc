import type { ClientError, Project } from '@sheaf/client';
import { CliError } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';
import { printable } from '../terminal/escape.js';

/**
 * A word without a namespace is no reference: where no folder has that name, it may be a short name that `sheaf.toml`
 * lacks.
 *
 * @param error what reading it as a reference said
 */
export function explainBareWord(
  error: ClientError,
  word: string,
  project: Pick<Project, 'file' | 'workflows'> | undefined,
): ClientError | CliError {
  if (/[/:@]/.test(word)) return error;
  const names = [...(project?.workflows.keys() ?? [])];
  const near = findNear(word, names);
  const where =
    project === undefined
      ? 'there is no sheaf.toml here or in a folder above that could name it'
      : `${printable(project.file)} ${names.length === 0 ? 'names no workflow' : `names ${names.join(', ')}`}`;
  return new CliError(
    'reference.invalid',
    `${printable(word)} is neither a short name of sheaf.toml, nor a folder here, nor namespace/name`,
    { hint: [...(near === undefined ? [] : [`did you mean ${near}`]), where], cause: error },
  );
}
