import { constants } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { DEFAULT_LIMITS, selectFiles } from '@sheaf/bundle';
import {
  compileGlob,
  readDefinition,
  type Catalogue,
  type Diagnostic,
  type FindWorkflow,
  type SourceText,
  type WorkflowDefinition,
} from '@sheaf/workflow';
import { CliError } from '../frame/errors.js';
import { plural } from '../terminal/text.js';
import { readOverlays, type Overlaying } from './overlays.js';
import { catalogueOf, toolsOf } from '../tools/project-tools.js';
import { listFolder, mayReach } from './walk.js';

/** A definition on disk, read and checked against the files beside it. */
export interface WorkflowSource {
  /** The folder of the definition, absolute: the root of the bundle. */
  readonly dir: string;
  /** Name of the definition in that folder. */
  readonly definitionPath: string;
  /** As diagnostics name it: relative to the caller's directory where that is shorter. */
  readonly shownFile: string;
  readonly text: string;
  /** What is laid over it. */
  readonly overlays: readonly SourceText[];
  /** What its steps may use; unset: what every engine has. */
  readonly catalogue?: Catalogue;
  /** Present when there is no error. */
  readonly definition?: WorkflowDefinition;
  /** What the bundle holds. Empty without a definition. */
  readonly files: readonly { readonly path: string; readonly executable: boolean }[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A source without errors. */
export type ValidSource = WorkflowSource & { readonly definition: WorkflowDefinition };

/** Of a definition, where nothing else is said. */
export const NAMES: readonly string[] = ['workflow.toml', 'workflow.yaml'];

/**
 * Reads the definition of a folder, or a definition by its own name, with all its diagnostics.
 *
 * @throws CliError `definition.missing`, `definition.ambiguous`, `definition.too_large`, `file.not_found`, `pack.symlink`
 */
export async function readSource(
  path: string,
  cwd: string,
  overlaying?: Overlaying,
): Promise<WorkflowSource> {
  return await readDefinitionFile(await findDefinition(resolve(cwd, path), path), cwd, overlaying);
}

/**
 * Reads the definition at an address, with its diagnostics. The files beside it are not known, and nobody has proved who wrote it.
 *
 * @throws CliError as `fetchDefinition`, `readOverlays`
 */
export async function readAddress(
  address: string,
  cwd: string,
  overlaying?: Overlaying,
): Promise<WorkflowSource> {
  const { fetchDefinition } = await import('./definition-url.js');
  const text = await fetchDefinition(address);
  const overlays =
    overlaying === undefined ? [] : await readOverlays(overlaying, { dir: cwd, cwd }, readText);
  const shownFile = address.replace(/[?#].*$/s, '');
  const definitionPath = shownFile.slice(shownFile.lastIndexOf('/') + 1);
  const read = readDefinition({ text, file: shownFile }, { overlays });
  return { dir: '', definitionPath, shownFile, text, overlays, files: [], ...read };
}

/** Reads a definition that lies at an absolute path. */
async function readDefinitionFile(
  file: string,
  cwd: string,
  overlaying: Overlaying | undefined,
): Promise<WorkflowSource> {
  const text = await readText(file);
  const dir = dirname(file);
  const definitionPath = basename(file);
  const fromCwd = relative(cwd, file);
  const shownFile = fromCwd === '' || fromCwd.startsWith('..') ? file : fromCwd;
  const overlays = overlaying === undefined ? [] : await readOverlays(overlaying, { dir, cwd }, readText);
  const catalogue = catalogueOf(await toolsOf(dir));
  const base = { dir, definitionPath, shownFile, text, overlays, catalogue };
  const first = readDefinition({ text, file: shownFile }, { overlays, catalogue });
  if (first.definition === undefined) return { ...base, files: [], diagnostics: first.diagnostics };
  const files = await selectFrom(dir, definitionPath, first.definition);
  const second = readDefinition(
    { text, file: shownFile },
    { files: files.map((each) => each.path), overlays, catalogue },
  );
  return { ...base, ...second, files };
}

/** The same definition, held against the workflows that it uses. */
export function checkUsed(source: WorkflowSource, workflows: FindWorkflow): WorkflowSource {
  const { text, shownFile, overlays, catalogue, files, definition, ...rest } = source;
  if (definition === undefined) return source;
  const read = readDefinition(
    { text, file: shownFile },
    {
      files: files.map((each) => each.path),
      overlays,
      workflows,
      ...(catalogue === undefined ? {} : { catalogue }),
    },
  );
  return {
    ...rest,
    text,
    shownFile,
    overlays,
    files,
    ...(catalogue === undefined ? {} : { catalogue }),
    ...read,
  };
}

export function isValid(source: WorkflowSource): source is ValidSource {
  return source.definition !== undefined;
}

/** @throws CliError `definition.invalid` with every diagnostic */
export function assertValid(source: WorkflowSource): asserts source is ValidSource {
  if (source.definition !== undefined) return;
  const errors = source.diagnostics.filter((each) => each.severity === 'error').length;
  throw new CliError('definition.invalid', `${source.shownFile} has ${plural(errors, 'error')}`, {
    hint: 'correct them; sheaf validate checks again',
    diagnostics: source.diagnostics,
    sources: textsOf(source),
  });
}

/** The texts that diagnostics point into, by the names that they give them. */
export function textsOf({ shownFile, text, overlays }: WorkflowSource): ReadonlyMap<string, string> {
  return new Map([[shownFile, text], ...overlays.map((each) => [each.file, each.text] as const)]);
}

async function selectFrom(
  dir: string,
  definitionPath: string,
  definition: WorkflowDefinition,
): Promise<WorkflowSource['files']> {
  const { include } = definition.bundle;
  const { files, irregular } = await listFolder(dir, include);
  const globs = include.map((glob) => ({ glob, matches: compileGlob(glob) }));
  const bad = irregular.find((path) =>
    globs.some(({ glob, matches }) => matches(path) || mayReach(glob, path)),
  );
  if (bad !== undefined) {
    throw new CliError('pack.symlink', `${bad} is a symbolic link or no regular file`, {
      evidence: [`in ${dir}`],
      hint: 'a bundle holds regular files only: copy the file there, or leave it out of [bundle] include',
    });
  }
  return selectFiles(definition, definitionPath, files);
}

/** What is read from a pipe: checked by itself, since the files beside it are not known. */
export function readPipedSource(text: string, name: string): WorkflowSource {
  const read = readDefinition({ text, file: name });
  return { dir: '', definitionPath: name, shownFile: name, text, overlays: [], files: [], ...read };
}

/** Folders below one that are looked into for definitions, and how deep. */
const MAX_FOLDERS = 5000;
const MAX_FOLDER_DEPTH = 8;

/**
 * The definitions that a path stands for: itself, the one in its folder, or all those below a folder that has none.
 *
 * @throws as `readSource`
 */
export async function readSources(
  path: string,
  cwd: string,
  overlaying?: Overlaying,
): Promise<readonly WorkflowSource[]> {
  const root = resolve(cwd, path);
  if (!(await isDirectory(root, path)) || (await listDefinitions(root)).length > 0)
    return [await readSource(path, cwd, overlaying)];
  const found: string[] = [];
  let folders = 0;
  const pending: (readonly [folder: string, depth: number])[] = [[root, 0]];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const [folder, depth] = next;
    if (++folders > MAX_FOLDERS) {
      throw new CliError('definition.missing', `${path} has more than ${MAX_FOLDERS} folders`, {
        hint: 'name the folders of the workflows',
      });
    }
    const entries = await readdir(folder, { withFileTypes: true });
    const here = entries.filter((entry) => entry.isFile() && NAMES.includes(entry.name));
    if (here.length > 0) found.push(folder);
    else if (depth < MAX_FOLDER_DEPTH) {
      const below = entries.filter((entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name));
      for (const { name } of below.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        pending.push([join(folder, name), depth + 1]);
      }
    }
  }
  if (found.length === 0) return [await readSource(path, cwd, overlaying)];
  const sources: WorkflowSource[] = [];
  for (const folder of found.sort()) sources.push(await readSource(folder, cwd, overlaying));
  return sources;
}

async function listDefinitions(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of NAMES) if (await exists(join(folder, name))) found.push(join(folder, name));
  return found;
}

async function findDefinition(path: string, shown: string): Promise<string> {
  if (!(await isDirectory(path, shown))) {
    if (['.toml', '.yaml', '.yml'].includes(extname(path))) return path;
    throw new CliError('definition.missing', `${shown} is not a definition`, {
      hint: `name a folder, or a file such as ${NAMES.join(' or ')}`,
    });
  }
  const found = await listDefinitions(path);
  const [file] = found;
  if (file === undefined) {
    throw new CliError('definition.missing', `${shown === '.' ? path : shown} has no ${NAMES.join(' or ')}`, {
      hint: ['name the folder of a workflow', 'or start one: sheaf init my-flow'],
    });
  }
  if (found.length > 1) {
    throw new CliError('definition.ambiguous', `${shown} has both ${NAMES.join(' and ')}`, {
      hint: 'keep one of them',
    });
  }
  return file;
}

async function isDirectory(path: string, shown: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CliError('file.not_found', `${shown}: there is no such file or folder`, {
      hint: 'check the path',
      cause: error,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function readText(path: string): Promise<string> {
  const bytes = await readWithin(path, DEFAULT_LIMITS.definitionBytes, 'definition.too_large');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new CliError('definition.invalid', `${path} is not valid utf-8`, {
      hint: 'save it as utf-8',
      cause: error,
    });
  }
}

/**
 * Reads a regular file of limited size without following a link in its last place.
 *
 * @throws CliError `code` when it is larger, `pack.symlink` when it is something else
 */
export async function readWithin(path: string, maxBytes: number, code: string): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    // Non-blocking, because a pipe in the place of a file would wait for a writer for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const info = await file.stat();
    if (!info.isFile())
      throw new CliError('pack.symlink', `${path} is no regular file`, {
        hint: 'a bundle holds regular files only',
      });
    if (info.size > maxBytes) {
      throw new CliError(code, `${path} has ${info.size} bytes, the limit is ${maxBytes}`, {
        hint: 'make it smaller, or leave it out',
      });
    }
    return await file.readFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOOP') throw error;
    throw new CliError('pack.symlink', `${path} is a symbolic link`, {
      hint: 'a bundle holds regular files only: copy the file there',
      cause: error,
    });
  } finally {
    await file?.close();
  }
}
