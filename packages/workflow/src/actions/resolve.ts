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
 * Finds what a step uses: one of [actions], an action of the project or one that is built in, a tool of a configured server, or a
 * workflow. `workflow:`, `project:`, `built-in:` and the name of a server before a name say who must offer it. What two offer is
 * ambiguous: never does the first one win.
 */
export function resolveUses(uses: string, scope: UsesScope): Used {
  const { templates, catalogue, workflows } = scope;
  const [, qualifier, name = uses] = /^([a-z][a-z0-9_-]{0,63}):(.*)$/s.exec(uses) ?? [];
  const found = [
    ...findOwn(name, scope),
    ...serversOf(catalogue, name).map((manifest): Offer => [
      manifest.server ?? '',
      { kind: 'action', manifest },
    ]),
    ...findAny(catalogue, qualifier, name),
  ];
  const meant = qualifier === undefined ? found : found.filter(([from]) => from === qualifier);
  const [first, second] = meant;
  if (first !== undefined && second !== undefined) {
    return { kind: 'ambiguous', candidates: meant.map(([from]) => `${from}:${name}`) };
  }
  if (first !== undefined) return first[1];
  if (workflows.includes(uses)) return { kind: 'workflow', id: uses };
  const names = Object.keys(catalogue).filter((each) => !each.endsWith(':*'));
  const near =
    suggest(name, [...templates, ...names, ...workflows]) ??
    (name === uses ? undefined : suggest(uses, names));
  return near === undefined ? { kind: 'unknown' } : { kind: 'unknown', near };
}

type Offer = readonly [from: string, used: Used];

function findOwn(name: string, { templates, catalogue }: UsesScope): readonly Offer[] {
  const manifest = findAction(catalogue, name);
  const origin = manifest?.file === undefined ? 'built-in' : 'project';
  return [
    ...(templates.includes(name) ? [['workflow', { kind: 'template', name }] as const] : []),
    ...(manifest === undefined || manifest.server !== undefined
      ? []
      : [[origin, { kind: 'action', manifest }] as const]),
  ];
}

/** Any tool of a server whose tools are not listed, once it is named. */
function findAny(catalogue: Catalogue, server: string | undefined, tool: string): readonly Offer[] {
  const any = server === undefined ? undefined : findAction(catalogue, `${server}:*`);
  if (server === undefined || any?.call === undefined || tool === '') return [];
  const call = { ...any.call, with: { ...any.call.with, tool } };
  return [[server, { kind: 'action', manifest: { ...any, name: `${server}:${tool}`, call } }]];
}

const byTool = new WeakMap<Catalogue, ReadonlyMap<string, readonly ActionManifest[]>>();

/** Tools of servers by their names without the server, found once for a catalogue: many steps ask. */
function serversOf(catalogue: Catalogue, tool: string): readonly ActionManifest[] {
  const known = byTool.get(catalogue);
  if (known !== undefined) return known.get(tool) ?? [];
  const tools = new Map<string, ActionManifest[]>();
  for (const manifest of Object.values(catalogue)) {
    if (manifest.server === undefined || manifest.name.endsWith(':*')) continue;
    const name = manifest.name.slice(manifest.server.length + 1);
    tools.set(name, [...(tools.get(name) ?? []), manifest]);
  }
  byTool.set(catalogue, tools);
  return tools.get(tool) ?? [];
}
