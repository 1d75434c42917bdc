import { formatReference } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { findProject, type OpenProject } from './open-project.js';

/** What a word of the command line means. */
export interface Expanded {
  /** A reference, when the word was a short name of `sheaf.toml`; else the word itself. */
  readonly word: string;
  /** The short name, when it was one. */
  readonly name: string | undefined;
  readonly project: OpenProject | undefined;
}

/** Turns a short name of `sheaf.toml` into the reference that it stands for; all else stays what it is. @throws as `findProject` */
export async function expandName(context: Pick<Context, 'cwd' | 'env'>, word: string): Promise<Expanded> {
  // Only what can be a short name makes the project matter: a broken sheaf.toml is no reason to refuse a reference.
  if (!/^[a-z0-9-]+$/.test(word)) return { word, name: undefined, project: undefined };
  const project = await findProject(context);
  const entry = project?.workflows.get(word);
  if (entry === undefined) return { word, name: undefined, project };
  return { word: formatReference(entry.reference), name: word, project };
}
