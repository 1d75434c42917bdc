import type { Whoami } from '@sheaf/client/contract';
import { printable } from '../terminal/escape.js';
import { formatDay } from '../terminal/text.js';

/** `ana · acme publisher, tools reader · token expires 2026-12-20`; of a sign-in, whose token is renewed, no end. */
export function describeUser(user: Whoami): string {
  const { expiresAt } = user.token;
  return [
    printable(user.user),
    ...describeRights(user),
    ...(expiresAt === undefined || user.via === 'oidc'
      ? []
      : [`token expires ${printable(formatDay(expiresAt))}`]),
  ].join(' · ');
}

/** `admin`, and `acme publisher, tools reader`. */
export function describeRights({
  admin,
  namespaces,
}: Pick<Whoami, 'admin' | 'namespaces'>): readonly string[] {
  const roles = namespaces.map(({ name, role }) => `${name} ${role}`).join(', ');
  return [...(admin ? ['admin'] : []), ...(roles === '' ? [] : [printable(roles)])];
}
