import type { Invitation, Membership } from '@sheaf/client/contract';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { InvitationsJson } from '../json/invitations.js';
import { describeInvitations } from '../output/members.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession, type Session } from '../registry/session.js';
import { printable } from '../terminal/escape.js';

interface Answered {
  readonly registry: string;
  readonly invitations?: readonly Invitation[];
  readonly accepted?: Membership;
  readonly declined?: Invitation;
}

const ACTIONS = ['list', 'accept', 'decline'] as const;

export const command = defineCommand<Answered, InvitationsJson>({
  name: 'invitations',
  about: 'List your invitations to namespaces, and accept or decline one.',
  positionals: { names: ['list|accept|decline', 'NS|ID'], completes: [[], 'namespace'], required: 0 },
  flags: [REGISTRY_FLAG],
  examples: ['sheaf invitations', 'sheaf invitations accept acme'],
  exitCodes: [0, 3, 4, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const [word = 'list', which] = input.positionals;
      const action = ACTIONS.find((each) => each === word);
      if (action === undefined || (action === 'list') !== (which === undefined))
        throw new CliError('usage.invitations', 'invitations are listed, or one is accepted or declined', {
          hint: 'sheaf invitations accept NS',
        });
      await requireToken(context, session);
      await assertSameLog(context, session);
      const { signal } = context;
      const invitations = await session.client.listInvitations({ signal });
      const registry = session.url;
      if (action === 'list' || which === undefined) return { data: { registry, invitations } };
      if (action === 'accept')
        return { data: { registry, accepted: await accept(session, invitations, which, signal) } };
      const declined = choose(invitations, which);
      await session.client.declineInvitation(declined.id, { signal });
      return { data: { registry, declined } };
    }),
  render: ({ registry, invitations, accepted, declined }, look) => {
    if (accepted)
      return {
        talk: [
          `you are ${accepted.role} of ${accepted.name} at ${registry}`,
          ...(accepted.role === 'owner'
            ? [`its webhooks: sheaf webhook list --namespace ${accepted.name}`]
            : []),
        ].join('\n'),
      };
    if (declined) return { talk: `declined: ${printable(declined.namespace)}` };
    if (invitations === undefined || invitations.length === 0)
      return { talk: `no invitations at ${registry}` };
    return { answer: describeInvitations(invitations, look) };
  },
});

/** An id that is not listed is sent all the same: accepting a transfer again says how it ended. */
function accept(
  session: Session,
  invitations: readonly Invitation[],
  which: string,
  signal: AbortSignal,
): Promise<Membership> {
  const id = /^[1-9]\d{0,14}$/.test(which) ? Number(which) : choose(invitations, which).id;
  return session.client.acceptInvitation(id, { signal });
}

function choose(invitations: readonly Invitation[], which: string): Invitation {
  const found = invitations.find(({ id, namespace }) => String(id) === which || namespace === which);
  if (found) return found;
  throw new CliError('invitation.not_found', `you have no invitation ${JSON.stringify(printable(which))}`, {
    hint: 'sheaf invitations',
  });
}
