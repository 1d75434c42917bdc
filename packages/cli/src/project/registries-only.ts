import { isAbsolute, relative } from 'node:path';
import { isRegistryName } from '@sheaf/client';
import { normaliseRegistryUrl } from '../config/registry-url.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import { findProjectFile } from './project-file.js';
import { readCapped } from './read-capped.js';

/** What `[registries]` of a project says. */
export interface ProjectRegistries {
  /** How messages call the file. */
  readonly file: string;
  readonly registries: ReadonlyMap<string, string>;
}

const MAX_BYTES = 1 << 20;
const MAX_REGISTRIES = 100;

/**
 * Reads `[registries]` of the `sheaf.toml` that the working directory lies under, and no more of it: for verbs that
 * need no project, and should not load what reads a whole one. Undefined where there is none.
 *
 * @throws CliError `project.unsafe`, `project.invalid`, `file.too_large`
 */
export async function findProjectRegistries({
  cwd,
  env,
}: Pick<Context, 'cwd' | 'env'>): Promise<ProjectRegistries | undefined> {
  const path = await findProjectFile(cwd, { home: env['HOME'], uid: process.getuid?.() });
  if (path === undefined) return undefined;
  const near = relative(cwd, path);
  const file = isAbsolute(near) || near === '' ? path : near;
  const { parse } = await import('smol-toml');
  let table: unknown;
  try {
    table = parse(await readCapped(path, MAX_BYTES))['registries'] ?? {};
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw invalid(file, (error as Error).message.split('\n', 1)[0] ?? '', error);
  }
  if (typeof table !== 'object' || table === null || Array.isArray(table))
    throw invalid(file, 'registries must be a table');
  const entries = Object.entries(table);
  if (entries.length > MAX_REGISTRIES)
    throw invalid(file, `registries has more than ${MAX_REGISTRIES} entries`);
  return { file, registries: new Map(entries.map(([name, value]) => [name, readUrl(file, name, value)])) };
}

function readUrl(file: string, name: string, value: unknown): string {
  const shown = JSON.stringify(printable(name.slice(0, 80)));
  if (!isRegistryName(name)) throw invalid(file, `${shown} is no name of a registry`);
  if (typeof value !== 'string') throw invalid(file, `the registry ${shown} must be text`);
  try {
    return normaliseRegistryUrl(value);
  } catch (error) {
    throw invalid(file, `the registry ${shown}: ${(error as Error).message}`, error);
  }
}

function invalid(file: string, problem: string, cause?: unknown): CliError {
  return new CliError('project.invalid', `${printable(file)}: ${problem}`, {
    hint: 'sheaf lock --check says where',
    cause,
  });
}
