import { printable } from '../terminal/escape.js';
import type { Revocation } from '../sign-in/sign-out.js';
import { formatDay } from '../terminal/text.js';

/** What was forgotten of one account, and what still holds where it was valid. */
export interface Forgotten {
  readonly registry: string;
  readonly account?: string;
  readonly user?: string;
  readonly kind?: 'token' | 'sign-in';
  readonly revocation: Revocation;
  /** The public part of an access token. */
  readonly tokenId?: string;
  readonly expiresAt?: string;
}

/** Says of each account whether it has ended, and of what has not how it ends. */
export function renderLoggedOut({
  registry,
  accounts,
  hasVariable,
}: {
  readonly registry: string | undefined;
  readonly accounts: readonly Forgotten[];
  readonly hasVariable: boolean;
}): { readonly talk: string } {
  const nothing =
    registry === undefined ? 'nothing was stored for any registry' : `nothing was stored for ${registry}`;
  return {
    talk: [
      ...(accounts.length === 0 ? [nothing] : accounts.flatMap(describe)),
      ...(hasVariable ? ['SHEAF_TOKEN is still set: unset it to be signed out'] : []),
    ].join('\n'),
  };
}

function describe({ registry, account, kind, revocation, tokenId, expiresAt }: Forgotten): readonly string[] {
  const who = `${registry}${account === undefined ? '' : ` (account ${account})`}`;
  if (kind === 'sign-in')
    return revocation === 'revoked'
      ? [`signed out of ${who}, here and at the identity provider`]
      : [`signed out of ${who} here; the identity provider did not say that it ended the sign-in`];
  if (kind === undefined) return [`signed out of ${who}; what the keyring had of it was not readable`];
  if (revocation === 'revoked') return [`signed out of ${who}; its token is revoked`];
  const until = expiresAt === undefined ? 'never expires' : `expires ${printable(formatDay(expiresAt))}`;
  return [
    `signed out of ${who} here; its token ${revocation === 'failed' ? 'could not be revoked' : 'was not revoked'} and ${until}`,
    tokenId === undefined
      ? 'to revoke it, ask the operator of the registry'
      : `to revoke it, signed in with another: sheaf token revoke ${tokenId}`,
  ];
}
