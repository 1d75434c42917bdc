import type { Role } from '../../db/schema.js';

/** Who a request comes from, and what its token covers. */
export interface Principal {
  readonly userId: number;
  readonly user: string;
  readonly isAdmin: boolean;
  readonly token: {
    readonly id: string;
    readonly name: string;
    readonly scopes: readonly string[];
    readonly createdAt: Date;
    readonly expiresAt: Date | null;
  };
  readonly roles: ReadonlyMap<string, Role>;
}

/** Whoever makes a request: nobody signed in, or somebody. */
export interface Caller {
  readonly principal: Principal | undefined;
  readonly requestId: string;
}
