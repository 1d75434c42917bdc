import type { Action } from '../action.js';
import { commandAction } from './command-tool.js';
import { loadModulePlugin, type PluginFile } from './module-plugin.js';
import type { ProjectTool } from './project-tools.js';

/** Makes the action of a tool. Throws ActionError `plugin.…`. */
export function loadProjectTool(
  { tool, file }: ProjectTool,
  isTrusted: (plugin: PluginFile) => boolean,
): Promise<Action> {
  const { manifest, work } = tool;
  if (work.kind === 'module') return loadModulePlugin({ manifest, work }, file, isTrusted);
  return Promise.resolve(commandAction({ manifest, work }, file));
}
