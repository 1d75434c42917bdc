import type { Namespace } from '@sheaf/workflow';
import {
  InvitationListSchema,
  InvitationSchema,
  MemberListSchema,
  MemberSchema,
  MembershipSchema,
  OwnNamespaceListSchema,
  routes,
  type Invitation,
  type InviteRequest,
  type Member,
  type MemberList,
  type Membership,
  type Role,
} from '../contract/index.js';
import { expectSame } from './answers.js';
import { ANY_TYPE, MAX_DOCUMENT_BYTES, type Caller, type CallOptions } from './caller.js';

/** Who has which role in a namespace, and who is to get one. */
export interface MemberMethods {
  /** The namespaces that the caller is a member of. */
  listNamespaces(options?: CallOptions): Promise<readonly Membership[]>;
  /** Who has which role in a namespace, and who is invited. */
  getMembers(namespace: Namespace, options?: CallOptions): Promise<MemberList>;
  /** Gives a member another role; the same again changes nothing. */
  setMember(
    namespace: Namespace,
    member: { readonly user: string; readonly role: Role },
    options?: CallOptions,
  ): Promise<Member>;
  /** Removes a member, or leaves. Safe to repeat. */
  removeMember(namespace: Namespace, user: string, options?: CallOptions): Promise<void>;
  /** Invites a user to a namespace. */
  invite(namespace: Namespace, request: InviteRequest, options?: CallOptions): Promise<Invitation>;
  /** Takes an invitation back. */
  withdrawInvitation(namespace: Namespace, id: number, options?: CallOptions): Promise<void>;
  /** Offers the namespace to another owner, who accepts it as an invitation. */
  offerTransfer(namespace: Namespace, to: string, options?: CallOptions): Promise<Invitation>;
  /** Those of the caller that are not answered. */
  listInvitations(options?: CallOptions): Promise<readonly Invitation[]>;
  /** Accepts an invitation of the caller. */
  acceptInvitation(id: number, options?: CallOptions): Promise<Membership>;
  /** Declines an invitation of the caller. */
  declineInvitation(id: number, options?: CallOptions): Promise<void>;
}

export function memberMethods(call: Caller, url: string): MemberMethods {
  const remove = async (path: string, options?: CallOptions): Promise<void> => {
    await call.send(
      { method: 'DELETE', path, accept: ANY_TYPE, maxBytes: MAX_DOCUMENT_BYTES, idempotent: true },
      options,
    );
  };
  return {
    async listNamespaces(o) {
      const options = { ...o, access: 'token' } as const;
      return (await call.getJson(OwnNamespaceListSchema, routes.namespaces(), options)).namespaces;
    },
    getMembers: (namespace, o) =>
      call.getJson(MemberListSchema, routes.members(namespace), { ...o, access: 'token' }),
    async setMember(namespace, { user, role }, o) {
      const request = { method: 'PUT', path: routes.member(namespace, user), json: { role } } as const;
      return expectSame((await call.sendJson(MemberSchema, request, o)).value, { user, role }, url);
    },
    removeMember: (namespace, user, o) => remove(routes.member(namespace, user), o),
    async invite(namespace, json, o) {
      const request = { method: 'POST', path: routes.namespaceInvitations(namespace), json } as const;
      const { user, role } = json;
      return expectSame(
        (await call.sendJson(InvitationSchema, request, o)).value,
        { namespace, user, role },
        url,
      );
    },
    withdrawInvitation: (namespace, id, o) => remove(routes.namespaceInvitation(namespace, id), o),
    async offerTransfer(namespace, to, o) {
      const request = { method: 'POST', path: routes.transfer(namespace), json: { to } } as const;
      return expectSame(
        (await call.sendJson(InvitationSchema, request, o)).value,
        { namespace, user: to, role: 'owner' },
        url,
      );
    },
    async listInvitations(o) {
      const options = { ...o, access: 'token' } as const;
      return (await call.getJson(InvitationListSchema, routes.invitations(), options)).invitations;
    },
    acceptInvitation: async (id, o) =>
      (await call.sendJson(MembershipSchema, { method: 'POST', path: routes.acceptInvitation(id) }, o)).value,
    declineInvitation: (id, o) => remove(routes.invitation(id), o),
  };
}
