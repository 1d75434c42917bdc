import type { Visibility } from '@sheaf/client/contract';
import type { Principal } from './principal.js';
import { namespaceOfScope, scopeReaches } from './scopes.js';

/** What decides who may read a namespace. */
export interface ReadableNamespace {
  readonly name: string;
  readonly visibility: Visibility;
}

/** The private namespaces that somebody may read, beside every public one. */
export type ReadablePrivate = 'all' | readonly string[];

/**
 * The one place that decides who may read a namespace and everything in it: anybody a public one; members of any role,
 * its trusted publishers and admins a private one, with a token that covers something there. Whoever may not is told
 * that it does not exist.
 */
export function mayRead(principal: Principal | undefined, { name, visibility }: ReadableNamespace): boolean {
  if (visibility === 'public') return true;
  if (!principal) return false;
  const isMember = principal.roles.has(name) || principal.trusted?.namespace === name;
  return (principal.isAdmin || isMember) && principal.token.scopes.some((scope) => scopeReaches(scope, name));
}

/** The same decision for a query over many namespaces. */
export function readablePrivate(principal: Principal | undefined): ReadablePrivate {
  if (!principal) return [];
  const { isAdmin, roles, token, trusted } = principal;
  const named = token.scopes.map(namespaceOfScope);
  const isUnbound = token.scopes.some((scope, i) => named[i] === undefined && scopeReaches(scope, ''));
  if (isAdmin && isUnbound) return 'all';
  const own = trusted === undefined ? roles.keys() : [trusted.namespace];
  const candidates = isAdmin ? new Set(named.filter((name) => name !== undefined)) : own;
  return [...candidates].filter((name) => mayRead(principal, { name, visibility: 'private' }));
}
