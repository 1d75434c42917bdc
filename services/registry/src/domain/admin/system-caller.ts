import type { Principal } from '../access/principal.js';

/** The administrator at the command line of the registry: who holds its configuration may do what admins may. */
export interface SystemCaller {
  readonly principal: Principal;
  readonly requestId: string;
}

/** `id`: of this one use, which the audit names. */
export function systemCaller(id: string, nowMs: number): SystemCaller {
  return {
    requestId: id,
    principal: {
      userId: null,
      user: 'system',
      isAdmin: true,
      via: 'token',
      token: {
        id: 'system',
        name: 'sheaf-registry admin',
        scopes: ['*'],
        createdAt: new Date(nowMs),
        expiresAt: null,
      },
      roles: new Map(),
    },
  };
}
