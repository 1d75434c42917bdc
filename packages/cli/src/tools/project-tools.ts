import { dirname } from 'node:path';
import { readProjectTools, type EngineTools, type ProjectTools } from '@sheaf/engine';
import { BUILT_IN_ACTIONS, createCatalogue, type Catalogue } from '@sheaf/workflow';
import { findProjectFile } from '../project/project-file.js';
import type { Context } from '../frame/context.js';
import { readAllowed } from './allowed.js';

/**
 * The tools of the project that a folder lies in: beside its `sheaf.toml`, or without one in the folder itself.
 *
 * @throws CliError `project.unsafe`
 */
export async function toolsOf(folder: string): Promise<ProjectTools> {
  const file = await findProjectFile(folder, { home: undefined, uid: process.getuid?.() });
  return readProjectTools(file === undefined ? folder : dirname(file));
}

/** What steps of a definition may use. */
export function catalogueOf({ tools, servers }: ProjectTools): Catalogue {
  return createCatalogue([
    ...Object.values(BUILT_IN_ACTIONS),
    ...tools.map(({ tool }) => tool.manifest),
    ...servers.flatMap(({ server }) => server.manifests),
  ]);
}

/** What an engine is given of a project: modules only where this user has agreed to them. */
export async function engineTools(context: Context, folder: string): Promise<EngineTools> {
  const { tools } = await toolsOf(folder);
  const allowed = tools.some(({ tool }) => tool.work.kind === 'module')
    ? await readAllowed(context)
    : new Map();
  return { tools, isTrusted: ({ path, digest }) => allowed.get(path) === digest };
}
