import {
  CreatedTokenSchema,
  routes,
  TokenListSchema,
  type CreatedToken,
  type TokenList,
} from '../contract/index.js';
import { ANY_TYPE, MAX_DOCUMENT_BYTES, type Caller, type CallOptions } from './caller.js';

/** What a new access token may do, and for how long. */
export interface NewToken {
  readonly name: string;
  /** `*`, a verb, or a verb bound to a namespace or a workflow, `publish:acme/deploy`. All of the caller's unless given. */
  readonly scopes?: readonly string[] | undefined;
  /** As long as the registry says unless given. */
  readonly expiresInDays?: number | undefined;
  /** For whom the registry allows it. */
  readonly neverExpires?: true | undefined;
}

/** Personal access tokens of the caller. */
export interface TokenMethods {
  /** A new access token: its secret is in this answer and in no other. */
  createToken(request: NewToken, options?: CallOptions): Promise<CreatedToken>;
  /** Newest first, without their secrets; those that have expired included. */
  listTokens(options?: CallOptions): Promise<TokenList['tokens']>;
  /** The next request with it is refused. Safe to repeat. */
  revokeToken(id: string, options?: CallOptions): Promise<void>;
}

export function tokenMethods(call: Caller): TokenMethods {
  return {
    async createToken(json, o) {
      const request = { method: 'POST', path: routes.tokens(), json } as const;
      return (await call.sendJson(CreatedTokenSchema, request, o)).value;
    },
    async listTokens(o) {
      return (await call.getJson(TokenListSchema, routes.tokens(), { ...o, access: 'token' })).tokens;
    },
    async revokeToken(id, o) {
      const options = { accept: ANY_TYPE, maxBytes: MAX_DOCUMENT_BYTES, idempotent: true };
      await call.send({ method: 'DELETE', path: routes.token(id), ...options }, o);
    },
  };
}
