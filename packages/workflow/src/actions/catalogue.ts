import type { ActionManifest, Catalogue } from './manifest.js';

/** Every action that an engine has without being told of more. */
export const BUILT_IN_ACTIONS: Catalogue = createCatalogue([]);

/** Manifests by name; of two with one name the last one is kept. */
export function createCatalogue(manifests: readonly ActionManifest[]): Catalogue {
  const catalogue = Object.create(null) as Record<string, ActionManifest>;
  for (const manifest of manifests) catalogue[manifest.name] = manifest;
  return catalogue;
}

/** The manifest of an action, if there is one of that name. */
export function findAction(catalogue: Catalogue, name: string): ActionManifest | undefined {
  return Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
}
