import { AI_CHAT } from './ai.js';
import { CONTAINER } from './container.js';
import { CORE_ECHO, CORE_FILE, CORE_JSON, CORE_TEMPLATE } from './core.js';
import { GIT_CHANGED_FILES, GIT_DESCRIBE, GIT_DIFF, GIT_LOG } from './git.js';
import { HTTP_REQUEST } from './http.js';
import type { ActionManifest, Catalogue } from './manifest.js';
import { MCP } from './mcp.js';

/** Every action that an engine has without being told of more. */
export const BUILT_IN_ACTIONS: Catalogue = createCatalogue([
  AI_CHAT,
  CONTAINER,
  CORE_ECHO,
  CORE_FILE,
  CORE_JSON,
  CORE_TEMPLATE,
  GIT_CHANGED_FILES,
  GIT_DESCRIBE,
  GIT_DIFF,
  GIT_LOG,
  HTTP_REQUEST,
  MCP,
]);

/** Manifests by name; of two with one name the last one is kept. */
export function createCatalogue(manifests: readonly ActionManifest[]): Catalogue {
  const catalogue = Object.create(null) as Record<string, ActionManifest>;
  for (const manifest of manifests) catalogue[manifest.name] = manifest;
  return catalogue;
}

/** First words of names that only what is built in may have. */
const RESERVED = new Set(['ai', 'container', 'core', 'git', 'http', 'mcp', 'sheaf']);

/** True for a name that a project may not give to an action of its own. */
export function isReservedAction(name: string): boolean {
  return RESERVED.has(name.split('.')[0] ?? '');
}

/** The manifest of an action, if there is one of that name. */
export function findAction(catalogue: Catalogue, name: string): ActionManifest | undefined {
  return Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
}
