import {
  InvitationSchema,
  InviteSchema,
  MemberListSchema,
  MemberSchema,
  OwnNamespaceListSchema,
  SetMemberSchema,
  TransferSchema,
  type ProblemCode,
} from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Operation } from '../../http/operation.js';
import type { Route } from '../route.js';
import { inviteRoute, offerTransferRoute, withdrawInvitationRoute } from './invite.js';
import { listNamespacesRoute } from './list.js';
import { listMembersRoute, removeMemberRoute, setMemberRoute } from './members.js';

const common = { tag: 'members', access: 'signed-in' } as const satisfies Partial<Operation>;
const JSON_TYPE = 'application/json';
const REFUSALS: readonly ProblemCode[] = ['auth.scope_missing', 'auth.role_missing', 'namespace.not_found'];
const namespace = '/v1/namespaces/:namespace';

/** Who has which role in a namespace, and who may get one. */
export function memberRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/namespaces',
      handler: listNamespacesRoute(deps),
      operation: {
        ...common,
        id: 'listNamespaces',
        summary: 'The namespaces that the caller is a member of',
        responses: { 200: { description: 'The namespaces', schema: OwnNamespaceListSchema } },
        problems: ['auth.scope_missing'],
      },
    },
    {
      method: 'get',
      path: `${namespace}/members`,
      handler: listMembersRoute(deps),
      operation: {
        ...common,
        id: 'listMembers',
        summary: 'The members of a namespace, and for its owners who is invited',
        responses: { 200: { description: 'The members', schema: MemberListSchema } },
        problems: REFUSALS,
      },
    },
    {
      method: 'put',
      path: `${namespace}/members/:user`,
      handler: setMemberRoute(deps),
      operation: {
        ...common,
        id: 'setMember',
        summary: 'Change the role of a member',
        request: { mediaType: JSON_TYPE, schema: SetMemberSchema },
        responses: { 200: { description: 'The member', schema: MemberSchema } },
        problems: [...REFUSALS, 'user.not_found', 'member.not_found', 'member.last_owner'],
      },
    },
    {
      method: 'delete',
      path: `${namespace}/members/:user`,
      handler: removeMemberRoute(deps),
      operation: {
        ...common,
        id: 'removeMember',
        summary: 'Remove a member, or leave',
        responses: { 204: { description: 'They are no member, or were none' } },
        problems: [...REFUSALS, 'user.not_found', 'member.last_owner'],
      },
    },
    {
      method: 'post',
      path: `${namespace}/invitations`,
      handler: inviteRoute(deps),
      operation: {
        ...common,
        id: 'inviteMember',
        summary: 'Invite somebody by name; inviting them again replaces the invitation',
        request: { mediaType: JSON_TYPE, schema: InviteSchema },
        responses: { 201: { description: 'The invitation', schema: InvitationSchema } },
        problems: [...REFUSALS, 'user.not_found', 'member.exists', 'rate.limited'],
      },
    },
    {
      method: 'delete',
      path: `${namespace}/invitations/:id`,
      handler: withdrawInvitationRoute(deps),
      operation: {
        ...common,
        id: 'withdrawInvitation',
        summary: 'Take an invitation back',
        responses: { 204: { description: 'It is gone' } },
        problems: [...REFUSALS, 'invitation.not_found'],
      },
    },
    {
      method: 'post',
      path: `${namespace}/transfer`,
      handler: offerTransferRoute(deps),
      operation: {
        ...common,
        id: 'offerTransfer',
        summary: 'Offer the namespace to another owner, after a fresh sign-in',
        request: { mediaType: JSON_TYPE, schema: TransferSchema },
        responses: { 201: { description: 'The offer, an invitation', schema: InvitationSchema } },
        problems: [
          'auth.role_missing',
          'auth.not_fresh',
          'namespace.not_found',
          'user.not_found',
          'member.exists',
          'rate.limited',
        ],
      },
    },
  ];
}
