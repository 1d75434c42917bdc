import { dirname, isAbsolute, join, relative } from 'node:path';
import { LOCKFILE_NAME, parseProject, PROJECT_FILE_NAME, type Project } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { VERBS } from '../verbs.js';
import { findProjectFile } from './project-file.js';
import { readCapped } from './read-capped.js';

const MAX_PROJECT_BYTES = 1 << 20;

/** A project on disk. */
export interface OpenProject extends Project {
  readonly dir: string;
  /** The file, and what stands in it. */
  readonly path: string;
  readonly text: string;
  readonly lockPath: string;
  /** How messages call the lockfile. */
  readonly lockFile: string;
}

/** Verbs, those of the help and those that the first word may be otherwise. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...VERBS.map(({ name }) => name),
  'help',
  'version',
]);

/**
 * Reads the `sheaf.toml` that the working directory lies under; undefined when there is none.
 *
 * @throws CliError `project.unsafe`; ClientError `project.invalid`, `project.name_reserved`, `policy.invalid`
 */
export async function findProject(context: Pick<Context, 'cwd' | 'env'>): Promise<OpenProject | undefined> {
  const { cwd, env } = context;
  const path = await findProjectFile(cwd, { home: env['HOME'], uid: process.getuid?.() });
  if (path === undefined) return undefined;
  return openProject(path, await readCapped(path, MAX_PROJECT_BYTES), cwd);
}

/** A project whose file is not written yet, in the working directory. */
export function newProject({ cwd }: Pick<Context, 'cwd'>): OpenProject {
  return openProject(join(cwd, PROJECT_FILE_NAME), '', cwd);
}

/** The same project with another text in its file. @throws as {@link findProject} */
export function withText(project: OpenProject, text: string): OpenProject {
  return { ...project, ...parseProject(text, project.file, RESERVED_NAMES), text };
}

function openProject(path: string, text: string, cwd: string): OpenProject {
  const dir = dirname(path);
  const project = parseProject(text, shown(path, cwd), RESERVED_NAMES);
  const lockPath = join(dir, LOCKFILE_NAME);
  return { ...project, dir, path, text, lockPath, lockFile: shown(lockPath, cwd) };
}

/** @throws CliError `project.missing`; as {@link findProject} */
export async function getProject(context: Pick<Context, 'cwd' | 'env'>): Promise<OpenProject> {
  const project = await findProject(context);
  if (project !== undefined) return project;
  throw new CliError('project.missing', 'there is no sheaf.toml here or in a folder above', {
    hint: 'sheaf add acme/release-notes  writes one',
  });
}

/** The path as somebody in the working directory would type it. */
function shown(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return isAbsolute(near) || near === '' ? path : near;
}
