import type { Whoami } from '@sheaf/client/contract';
import { printable } from '../terminal/escape.js';

/** `ana · acme publisher, tools reader · until 2026-12-20`. */
export function describeUser(user: Whoami): string {
  const roles = user.namespaces.map(({ name, role }) => `${name} ${role}`).join(', ');
  return [
    printable(user.user),
    ...(user.admin ? ['admin'] : []),
    ...(roles === '' ? [] : [printable(roles)]),
    ...(user.token.expiresAt === undefined ? [] : [`until ${printable(user.token.expiresAt.slice(0, 10))}`]),
  ].join(' · ');
}
