import { MEDIA_TYPES, NamespaceSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { LOGGED_PROBLEMS } from '../logged-problems.js';
import type { Route } from '../route.js';
import { createKey } from './create.js';

/** Signed events of keys. */
export function keyRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/keys',
      handler: createKey(deps),
      operation: {
        id: 'applyKeyEvent',
        summary: "Add or revoke a signing key, or set a namespace's policy",
        tag: 'keys',
        access: 'signed-in',
        request: { mediaType: MEDIA_TYPES.envelope },
        responses: {
          201: { description: 'The namespace as it is now', schema: NamespaceSchema },
          200: { description: 'The event was applied before', schema: NamespaceSchema },
        },
        problems: [
          'auth.scope_missing',
          'auth.role_missing',
          'namespace.not_found',
          'key.not_found',
          'key.exists',
          'key.event_invalid',
          'key.endorsement_required',
          'key.unauthorised',
          'key.revoked',
          'key.threshold',
          'key.recovery_refused',
          'policy.invalid',
          'envelope.invalid',
          'signature.invalid',
          'request.too_large',
          'rate.limited',
          'state.conflict',
          ...LOGGED_PROBLEMS,
        ],
      },
    },
  ];
}
