import type { Role } from '@sheaf/client/contract';

/**
 * What one may do here, and what it takes: the scope that the token must cover, and the least role in the namespace.
 * The whole of who may do what stands in this table; `authorization.ts` applies it.
 */
export type AnyAction = keyof typeof RULES;

/** Actions that take a sign-in of the last hour, beside everything else. */
export type FreshAction = {
  [A in AnyAction]: (typeof RULES)[A] extends { readonly isFresh: true } ? A : never;
}[AnyAction];

/** Actions that any valid token may be for. */
export type Action = Exclude<AnyAction, FreshAction>;

/** Actions that a trusted publisher may do, for what it is bound to. */
export type TrustedAction = {
  [A in Action]: (typeof RULES)[A] extends { readonly isForTrusted: true } ? A : never;
}[Action];

export interface Rule {
  readonly scope: string;
  /** Least role in the namespace; undefined for what any signed-in person may do. */
  readonly role?: Role;
  /** For admins of the registry only. */
  readonly isAdminOnly?: true;
  /** For an owner who has just shown who they are; being an admin of the registry does not stand in for that. */
  readonly isFresh?: true;
  readonly isForTrusted?: true;
}

/** The scope that stands in for a namespace's keys and for giving it away. */
export const RECOVERY = 'recovery';

const RULES = {
  'workflow.publish': { scope: 'publish', role: 'publisher', isForTrusted: true },
  'stage.approve': { scope: 'publish', role: 'maintainer' },
  'release.deprecate': { scope: 'deprecate', role: 'maintainer' },
  'release.yank': { scope: 'yank', role: 'maintainer' },
  'release.quarantine': { scope: 'quarantine', isAdminOnly: true },
  'channel.move': { scope: 'channel', role: 'maintainer' },
  'key.add': { scope: 'key', role: 'maintainer' },
  'key.revoke': { scope: 'key', role: 'maintainer' },
  'namespace.policy': { scope: 'key', role: 'maintainer' },
  'namespace.recover': { scope: RECOVERY, role: 'owner', isFresh: true },
  'namespace.transfer': { scope: RECOVERY, role: 'owner', isFresh: true },
  'namespace.create': { scope: 'namespace' },
  'namespace.read': { scope: 'read', role: 'reader', isForTrusted: true },
  'member.manage': { scope: 'member', role: 'owner' },
  'member.leave': { scope: 'member' },
  'publisher.manage': { scope: 'publisher', role: 'owner' },
  'webhook.manage': { scope: 'webhook', role: 'owner' },
  'audit.read': { scope: 'audit', role: 'owner' },
  'account.read': { scope: 'read' },
  'invitation.answer': { scope: 'member' },
  'token.manage': { scope: 'token' },
  'registry.admin': { scope: 'admin', isAdminOnly: true },
} as const satisfies Readonly<Record<string, Rule>>;

export function ruleOf(action: AnyAction): Rule {
  return RULES[action];
}

export const ACTIONS: readonly AnyAction[] = Object.keys(RULES) as AnyAction[];

/** Every scope verb, for whoever creates a token. */
export const SCOPE_VERBS: readonly string[] = [...new Set(Object.values(RULES).map(({ scope }) => scope))];

/** Scope verbs of actions in a namespace, which may be bound to one. */
export const NAMESPACE_SCOPE_VERBS: ReadonlySet<string> = new Set(
  Object.values<Rule>(RULES)
    .filter(({ role, scope }) => role !== undefined || scope === 'quarantine')
    .map(({ scope }) => scope),
);
