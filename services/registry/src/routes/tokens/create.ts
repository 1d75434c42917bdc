import { CreateTokenSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { SCOPE_VERBS } from '../../domain/access/actions.js';
import { authorize } from '../../domain/access/authorization.js';
import { mayDelegate } from '../../domain/access/scopes.js';
import { createToken } from '../../domain/access/tokens.js';
import { RegistryError } from '../../domain/error.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { sendResult } from '../../http/respond.js';

const readRequest = jsonBodyOf(CreateTokenSchema);
const SCOPE = /^(\*|[a-z]+(:[a-z0-9-]{1,64}(\/[a-z0-9-]{1,64})?)?)$/;
const DAY_MS = 24 * 60 * 60 * 1000;

/** `POST /v1/tokens`: create a personal access token, never stronger than the one that asks. */
export function createTokenRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const { principal } = ctx.state;
    authorize(principal, 'token.manage');
    const request = await readRequest(ctx);
    const scopes = request.scopes ?? [...principal.token.scopes];
    for (const scope of scopes) assertScope(principal.token.scopes, scope);
    const asked =
      request.expiresInDays === undefined ? null : new Date(deps.now() + request.expiresInDays * DAY_MS);
    const expiresAt = earlier(asked, principal.token.expiresAt);
    const { id, token } = await createToken(deps, {
      userId: principal.userId,
      name: request.name,
      scopes,
      expiresAt,
    });
    sendResult(ctx, 201, {
      id,
      name: request.name,
      scopes,
      ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
      token,
    });
  };
}

function assertScope(held: readonly string[], scope: string): void {
  const verb = scope.split(':', 1)[0] ?? '';
  if (!SCOPE.test(scope) || (scope !== '*' && !SCOPE_VERBS.includes(verb))) {
    throw new RegistryError(
      'request.invalid',
      `scope ${JSON.stringify(scope)} is unknown; use *, or one of ${SCOPE_VERBS.join(', ')}, each with :namespace or :namespace/name`,
    );
  }
  if (!mayDelegate(held, scope))
    throw new RegistryError('auth.scope_missing', `the token does not cover ${scope} and cannot hand it out`);
}

/** A token created by an expiring one expires no later. */
function earlier(a: Date | null, b: Date | null): Date | null {
  if (!a || !b) return a ?? b;
  return a < b ? a : b;
}
