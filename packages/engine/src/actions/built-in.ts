import { BUILT_IN_ACTIONS, findAction } from '@sheaf/workflow';
import type { Action, ActionImplementation } from './action.js';

/** Each is loaded when a step first uses it. */
const IMPLEMENTATIONS: Readonly<Record<string, () => Promise<{ readonly run: ActionImplementation }>>> = {
  'ai.chat': () => import('./ai/chat.js'),
  'core.echo': () => import('./core/echo.js'),
  'core.template': () => import('./core/template.js'),
  'core.json': () => import('./core/json.js'),
  'core.file': () => import('./core/file.js'),
  'git.log': () => import('./git/log.js'),
  'git.diff': () => import('./git/diff.js'),
  'git.changed_files': () => import('./git/changed-files.js'),
  'git.describe': () => import('./git/describe.js'),
  'http.request': () => import('./http/request.js'),
  mcp: () => import('./mcp/mcp.js'),
  container: () => import('./container/container.js'),
};

/** An action that every engine has; undefined where there is none of that name. */
export async function loadBuiltIn(name: string): Promise<Action | undefined> {
  const manifest = findAction(BUILT_IN_ACTIONS, name);
  const load = Object.hasOwn(IMPLEMENTATIONS, name) ? IMPLEMENTATIONS[name] : undefined;
  if (manifest === undefined || load === undefined) return undefined;
  const { run } = await load();
  return { manifest, run };
}
