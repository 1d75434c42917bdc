import { NAMESPACE_SCOPE_VERBS, RECOVERY } from './actions.js';

/**
 * What a token covers. A scope is `*`, a verb such as `publish`, or a verb bound to a namespace or a workflow,
 * `publish:acme` or `publish:acme/deploy`.
 */
export interface Resource {
  readonly namespace?: string;
  readonly workflow?: string;
}

export function scopeCovers(scope: string, verb: string, { namespace, workflow }: Resource): boolean {
  if (scope === '*' || scope === verb) return true;
  if (namespace === undefined) return false;
  return (
    scope === `${verb}:${namespace}` ||
    (workflow !== undefined && scope === `${verb}:${namespace}/${workflow}`)
  );
}

/** Whether a token with `held` scopes may hand out `wanted`: a token never creates a stronger one. */
export function mayDelegate(held: readonly string[], wanted: string): boolean {
  if (held.includes('*')) return true;
  const [verb = '', target = ''] = wanted.split(':', 2);
  // A token for recoveries that made its own successors would be fresh for ever.
  if (verb === RECOVERY) return false;
  if (held.includes(wanted)) return true;
  return (
    held.includes(verb) || (target.includes('/') && held.includes(`${verb}:${target.split('/', 1)[0] ?? ''}`))
  );
}

/** The namespace that a scope is bound to, also by one of its workflows; undefined for a scope that is bound to none. */
export function namespaceOfScope(scope: string): string | undefined {
  return scope.split(':', 2)[1]?.split('/', 1)[0];
}

/** Whether a scope covers anything in the namespace: whoever may do something there may also read what is there. */
export function scopeReaches(scope: string, namespace: string): boolean {
  if (scope === '*') return true;
  if (!NAMESPACE_SCOPE_VERBS.has(scope.split(':', 1)[0] ?? '')) return false;
  const bound = namespaceOfScope(scope);
  return bound === undefined || bound === namespace;
}
