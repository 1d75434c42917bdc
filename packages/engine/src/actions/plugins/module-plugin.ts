import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findManifestProblems, printable, quote, type Tool } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import type { Action } from '../action.js';
import { importModule } from './import-module.js';

type ModuleTool = Tool & { readonly work: Extract<Tool['work'], { readonly kind: 'module' }> };

/** The file of a plugin and what it holds, as somebody agrees to it. */
export interface PluginFile {
  readonly path: string;
  /** `sha256:<hex>` of the file; what it imports from other files is not part of it. */
  readonly digest: string;
}

/** Finds the file of a plugin, which lies in the folder of the tool's file. Throws ActionError `plugin.invalid`. */
export async function findPluginFile(tool: ModuleTool, file: string): Promise<PluginFile> {
  try {
    const folder = await realpath(dirname(file));
    const path = await realpath(resolve(folder, tool.work.module));
    if (!path.startsWith(folder + sep)) throw invalid(tool, 'it is a link out of its folder');
    const hash = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    return { path, digest: `sha256:${hash}` };
  } catch (cause) {
    throw cause instanceof ActionError ? cause : invalid(tool, describe(cause));
  }
}

/**
 * Loads an ES module that exports `action`. It runs in this process with all rights of the user, so that `isTrusted` must say yes to
 * the very file. What it says of itself must be what the tool's file says. Throws ActionError `plugin.not_allowed`, `plugin.invalid`.
 */
export async function loadModulePlugin(
  tool: ModuleTool,
  file: string,
  isTrusted: (plugin: PluginFile) => boolean,
): Promise<Action> {
  const plugin = await findPluginFile(tool, file);
  const { name } = tool.manifest;
  if (!isTrusted(plugin)) {
    throw new ActionError('plugin.not_allowed', `nobody has agreed to run the plugin ${name} as it stands`, {
      hint: `read ${printable(plugin.path, 500)}, then: sheaf tools ${name} --allow`,
    });
  }
  let loaded: unknown;
  try {
    // The digest makes a changed file another module for this process.
    loaded = await importModule(`${pathToFileURL(plugin.path).href}?${plugin.digest}`);
  } catch (cause) {
    throw invalid(tool, `it cannot be loaded: ${describe(cause)}`);
  }
  const action = actionOf(loaded);
  if (action === undefined) throw invalid(tool, 'it exports no action with a manifest and run');
  const problems = [...findManifestProblems(action.manifest), ...findDifferences(action, tool)];
  if (problems[0] !== undefined) throw invalid(tool, problems.join('; '));
  return { manifest: tool.manifest, run: action.run.bind(action) };
}

function actionOf(loaded: unknown): Action | undefined {
  const action: unknown = isRecord(loaded) ? loaded['action'] : undefined;
  if (!isRecord(action) || typeof action['run'] !== 'function') return undefined;
  const { manifest } = action;
  if (!isRecord(manifest)) return undefined;
  const texts = [manifest['name'], manifest['version'], manifest['description']];
  const tables = [manifest['inputs'], manifest['outputs'], manifest['permissions']];
  const isManifest = texts.every((text) => typeof text === 'string') && tables.every(isRecord);
  return isManifest ? (action as unknown as Action) : undefined;
}

function findDifferences({ manifest }: Action, tool: Tool): readonly string[] {
  const differences: string[] = [];
  for (const field of ['name', 'version'] as const) {
    if (manifest[field] !== tool.manifest[field]) {
      differences.push(
        `its ${field} is ${quote(manifest[field])}, and ${quote(tool.manifest[field])} in the file of the tool`,
      );
    }
  }
  for (const field of ['inputs', 'outputs'] as const) {
    const own = Object.keys(manifest[field]).sort().join(', ');
    const declared = Object.keys(tool.manifest[field]).sort().join(', ');
    if (own !== declared)
      differences.push(
        `its ${field} are ${own || 'none'}, and ${declared || 'none'} in the file of the tool`,
      );
  }
  return differences;
}

function invalid(tool: Tool, why: string): ActionError {
  return new ActionError(
    'plugin.invalid',
    `the plugin ${tool.manifest.name} cannot be used: ${printable(why, 500)}`,
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
