import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { applyKeyEvent } from '../../domain/keys/apply-key-event.js';
import type { Handler } from '../../http/context.js';
import { readBody } from '../../http/read-body.js';
import { sendResult } from '../../http/respond.js';
import { callerOf } from '../params.js';

const ENVELOPE_LIMIT_BYTES = 64 * 1024;

/** `POST /v1/keys`: add or revoke a signing key, or set a namespace's policy, by a signed key event. */
export function createKey(deps: AppDeps): Handler {
  return async (ctx) => {
    if (!ctx.state.principal) throw new RegistryError('auth.required', 'this needs an access token');
    const { created, namespace } = await applyKeyEvent(
      deps,
      callerOf(ctx),
      await readBody(ctx, ENVELOPE_LIMIT_BYTES),
    );
    ctx.state.touched = [{ ns: namespace.name }];
    sendResult(ctx, created ? 201 : 200, namespace);
  };
}
