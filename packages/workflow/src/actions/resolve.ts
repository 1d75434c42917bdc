import { suggest } from '../suggest.js';
import { findAction } from './catalogue.js';
import type { ActionManifest, Catalogue } from './manifest.js';

/** What the name that a step `uses` stands for. */
export type Used =
  | { readonly kind: 'template'; readonly name: string }
  | { readonly kind: 'action'; readonly manifest: ActionManifest }
  | { readonly kind: 'workflow'; readonly id: string }
  /** Two that offer the name, qualified so that each can be meant. */
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] }
  | { readonly kind: 'unknown'; readonly near?: string };

/** Where a step looks for what it uses. */
export interface UsesScope {
  /** Names of [actions]. */
  readonly templates: readonly string[];
  readonly catalogue: Catalogue;
  /** Ids of [dependencies]. */
  readonly workflows: readonly string[];
}

/**
 * Finds what a step uses: one of [actions], an action of the project or one that is built in, or a workflow. `workflow:`,
 * `project:` and `built-in:` before a name say who must offer it. What two offer is ambiguous: never does the first one win.
 */
export function resolveUses(uses: string, scope: UsesScope): Used {
  const [, qualifier, name = uses] = /^(workflow|project|built-in):(.*)$/.exec(uses) ?? [];
  const manifest = findAction(scope.catalogue, name);
  const origin = manifest?.file === undefined ? 'built-in' : 'project';
  const found: (readonly [string, Used])[] = [];
  if (scope.templates.includes(name)) found.push(['workflow', { kind: 'template', name }]);
  if (manifest !== undefined) found.push([origin, { kind: 'action', manifest }]);
  const meant = qualifier === undefined ? found : found.filter(([from]) => from === qualifier);
  const [first, second] = meant;
  if (first !== undefined && second !== undefined) {
    return { kind: 'ambiguous', candidates: meant.map(([from]) => `${from}:${name}`) };
  }
  if (first !== undefined) return first[1];
  if (qualifier === undefined && scope.workflows.includes(uses)) return { kind: 'workflow', id: uses };
  const near = suggest(name, [...scope.templates, ...Object.keys(scope.catalogue), ...scope.workflows]);
  return near === undefined ? { kind: 'unknown' } : { kind: 'unknown', near };
}
