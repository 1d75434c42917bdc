import { InvitationListSchema, MembershipSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { LOGGED_PROBLEMS } from '../logged-problems.js';
import type { Route } from '../route.js';
import { acceptInvitationRoute } from './accept.js';
import { declineInvitationRoute } from './decline.js';
import { listInvitationsRoute } from './list.js';

/** Invitations of the caller. */
export function invitationRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/invitations',
      handler: listInvitationsRoute(deps),
      operation: {
        id: 'listInvitations',
        summary: "The caller's invitations that are not answered",
        tag: 'members',
        access: 'signed-in',
        responses: { 200: { description: 'The invitations', schema: InvitationListSchema } },
        problems: ['auth.scope_missing'],
      },
    },
    {
      method: 'post',
      path: '/v1/invitations/:id/accept',
      handler: acceptInvitationRoute(deps),
      operation: {
        id: 'acceptInvitation',
        summary: 'Accept an invitation; a transfer is answered once the log holds it',
        tag: 'members',
        access: 'signed-in',
        responses: { 200: { description: 'What the caller is now', schema: MembershipSchema } },
        problems: ['auth.scope_missing', 'invitation.not_found', 'quota.exceeded', ...LOGGED_PROBLEMS],
      },
    },
    {
      method: 'delete',
      path: '/v1/invitations/:id',
      handler: declineInvitationRoute(deps),
      operation: {
        id: 'declineInvitation',
        summary: 'Decline an invitation',
        tag: 'members',
        access: 'signed-in',
        responses: { 204: { description: 'It is declined, or there was none' } },
        problems: ['auth.scope_missing', 'invitation.not_found'],
      },
    },
  ];
}
