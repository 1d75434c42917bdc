import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatReference, type ClientError, type Project } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { findProject } from './open-project.js';

/**
 * Why a word is no published workflow, where a verb takes nothing else.
 *
 * @param error what reading it as a reference said
 */
export async function explainWord(
  context: Pick<Context, 'cwd' | 'env'>,
  word: string,
  error: ClientError,
): Promise<ClientError | CliError> {
  const kind = await findKind(resolve(context.cwd, word));
  if (kind !== undefined) return explainLocal(word, kind, error);
  return explainBareWord(error, word, await projectOf(context));
}

/** A project that cannot be read is told of by what needs it, not by a word that may have nothing to do with it. */
async function projectOf(context: Pick<Context, 'cwd' | 'env'>): Promise<Project | undefined> {
  try {
    return await findProject(context);
  } catch {
    return undefined;
  }
}

/** What lies at a path, if anything does. */
export async function findKind(path: string): Promise<'folder' | 'file' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}

/** What is here is taken by some verbs, and this one takes what a registry has. */
export function explainLocal(word: string, kind: 'folder' | 'file', cause: ClientError): CliError {
  const path = shellWord(/^[./]/.test(word) ? word : `./${word}`);
  return new CliError(
    'reference.invalid',
    `${printable(word)} is a ${kind} here, and this takes a published workflow, namespace/name`,
    {
      hint: [
        `what lies here: sheaf info ${path}`,
        `how it differs from what is published: sheaf diff ${path}`,
      ],
      cause,
    },
  );
}

/**
 * A word without a namespace is no reference: where no folder has that name, it may be a short name that `sheaf.toml`
 * lacks, or one that this verb does not take.
 *
 * @param error what reading it as a reference said
 */
export function explainBareWord(
  error: ClientError,
  word: string,
  project: Pick<Project, 'file' | 'workflows'> | undefined,
): ClientError | CliError {
  if (/[/:@]/.test(word)) return error;
  const meant = project?.workflows.get(word);
  if (meant !== undefined) {
    const reference = formatReference(meant.reference);
    return new CliError(
      'reference.invalid',
      `${printable(word)} is a short name of sheaf.toml, and this takes namespace/name`,
      { hint: `it stands for ${printable(reference)}`, cause: error },
    );
  }
  const names = [...(project?.workflows.keys() ?? [])];
  const near = findNear(word, names);
  const where =
    project === undefined
      ? 'there is no sheaf.toml here or in a folder above that could name it'
      : `${printable(project.file)} ${names.length === 0 ? 'names no workflow' : `names ${names.join(', ')}`}`;
  return new CliError(
    'reference.invalid',
    `${printable(word)} is neither a short name of sheaf.toml, nor a folder here, nor namespace/name`,
    {
      hint: [
        ...(near === undefined ? [] : [`did you mean ${near}`]),
        where,
        `what is published: sheaf search ${shellWord(word)}`,
      ],
      cause: error,
    },
  );
}
