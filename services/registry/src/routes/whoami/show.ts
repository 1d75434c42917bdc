import type { Whoami } from '@sheaf/client/contract';
import { RegistryError } from '../../domain/error.js';
import type { Handler } from '../../http/context.js';
import { sendResult } from '../../http/respond.js';

/** `GET /v1/whoami`: whose token this is and what it covers. */
export function showWhoami(): Handler {
  return (ctx) => {
    const { principal } = ctx.state;
    if (!principal) throw new RegistryError('auth.required', 'nobody is signed in');
    const { token } = principal;
    const whoami: Whoami = {
      user: principal.user,
      admin: principal.isAdmin,
      via: principal.via,
      ...(principal.authenticatedAt && { authenticatedAt: principal.authenticatedAt.toISOString() }),
      token: {
        id: token.id,
        name: token.name,
        scopes: [...token.scopes],
        ...(token.expiresAt && { expiresAt: token.expiresAt.toISOString() }),
      },
      namespaces: [...principal.roles].map(([name, role]) => ({ name, role })),
    };
    sendResult(ctx, 200, whoami);
    return Promise.resolve();
  };
}
