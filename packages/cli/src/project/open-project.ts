import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { LOCKFILE_NAME, parseProject, type Project } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { VERBS } from '../verbs.js';
import { findProjectFile } from './project-file.js';

const MAX_PROJECT_BYTES = 1 << 20;

/** A project on disk. */
export interface OpenProject extends Project {
  readonly dir: string;
  readonly lockPath: string;
  /** How messages call the lockfile. */
  readonly lockFile: string;
}

/** Verbs, those of the help and those that the first word may be otherwise. */
const RESERVED: ReadonlySet<string> = new Set([...VERBS.map(({ name }) => name), 'help', 'version']);

/**
 * Reads the `sheaf.toml` that the working directory lies under; undefined when there is none.
 *
 * @throws CliError `project.unsafe`; ClientError `project.invalid`, `project.name_reserved`, `policy.invalid`
 */
export async function findProject(context: Pick<Context, 'cwd' | 'env'>): Promise<OpenProject | undefined> {
  const { cwd, env } = context;
  const path = await findProjectFile(cwd, { home: env['HOME'], uid: process.getuid?.() });
  if (path === undefined) return undefined;
  const text = await readCapped(path, MAX_PROJECT_BYTES);
  const dir = dirname(path);
  const project = parseProject(text, shown(path, cwd), RESERVED);
  const lockPath = join(dir, LOCKFILE_NAME);
  return { ...project, dir, lockPath, lockFile: shown(lockPath, cwd) };
}

/** @throws CliError `project.missing`; as {@link findProject} */
export async function getProject(context: Pick<Context, 'cwd' | 'env'>): Promise<OpenProject> {
  const project = await findProject(context);
  if (project !== undefined) return project;
  throw new CliError('project.missing', 'there is no sheaf.toml here or in a folder above', {
    hint: ['write one:', '[workflows]', 'notes = "acme/release-notes@^1"'],
  });
}

/** A file's text, of at most so many bytes. @throws CliError `file.too_large` */
export async function readCapped(path: string, maxBytes: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) {
      throw new CliError('file.too_large', `${path} has ${size} bytes, more than ${maxBytes}`, {
        hint: 'it is not a file that sheaf has written',
      });
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** The path as somebody in the working directory would type it. */
function shown(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return isAbsolute(near) || near === '' ? path : near;
}
