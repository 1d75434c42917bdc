import type { Invitation, Member, Membership, Role } from '@sheaf/client/contract';
import { parseNamespace, type Namespace } from '@sheaf/workflow';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { NamespaceMembersJson } from '../json/namespace-members.js';
import type { NamespaceTransferJson } from '../json/namespace-transfer.js';
import type { NamespaceListJson } from '../json/namespace-list.js';
import { describeMembers } from '../output/members.js';
import { AGREE_FLAG, agreeToChange } from '../registry/agreement.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession, type Session } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { renderTable } from '../terminal/table.js';
import { shellWord } from '../terminal/shell.js';
import { formatDay } from '../terminal/text.js';

interface MembersData {
  readonly registry: string;
  readonly namespace: string;
  readonly members?: readonly Member[];
  readonly invitations?: readonly Invitation[];
  readonly invited?: Invitation;
  readonly changed?: Member;
  readonly removed?: string;
}

const ROLES: readonly Role[] = ['reader', 'publisher', 'maintainer', 'owner'];
const ACTIONS = ['list', 'add', 'set', 'remove'] as const;
type Action = (typeof ACTIONS)[number];

interface Request {
  readonly action: Action;
  readonly namespace: Namespace;
  readonly user: string;
  readonly role: Role;
}

export const members = defineCommand<MembersData, NamespaceMembersJson>({
  name: 'namespace members',
  about:
    'List the members of a namespace, invite somebody, change a role, remove somebody. Whoever is invited becomes a member by accepting.',
  positionals: {
    names: ['list|add|set|remove', 'NS', 'USER'],
    completes: [[], 'namespace', []],
    required: 1,
  },
  flags: [
    { name: 'role', value: 'ROLE', summary: 'reader, publisher, maintainer or owner' },
    { ...AGREE_FLAG, summary: 'agree to a removal; needed where there is no terminal to ask on' },
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf namespace members acme',
    'sheaf namespace members add acme ben --role publisher',
    'sheaf namespace members remove acme ben',
  ],
  exitCodes: [0, 3, 4, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const request = readRequest(input.positionals, input.get('role'));
      await requireToken(context, session);
      await assertSameLog(context, session);
      const { namespace } = request;
      if (request.action === 'remove') await agreeToRemoval(context, session, request, input.has('yes'));
      return {
        data: { registry: session.url, namespace, ...(await perform(session, request, context.signal)) },
      };
    }),
  render: (data, look) => {
    const { namespace, invited, changed, removed } = data;
    if (invited) {
      const reply = `sheaf invitations accept ${shellWord(namespace)}`;
      return { talk: `${invited.user} is invited as ${invited.role}; they accept with: ${reply}` };
    }
    if (changed) return { talk: `${changed.user} is ${changed.role} of ${namespace}` };
    if (removed !== undefined) return { talk: `${removed} is no member of ${namespace}` };
    return { answer: describeMembers(data.members ?? [], data.invitations ?? [], look) };
  },
});

/** Tells what somebody loses; of one who is no member the registry says so itself. */
async function agreeToRemoval(
  context: Context,
  { client }: Session,
  { namespace, user }: Request,
  yes: boolean,
): Promise<void> {
  const found = (await client.getMembers(namespace, { signal: context.signal })).members.find(
    (each) => each.user === user,
  );
  if (found === undefined) return;
  const effect = [
    `${printable(user)}, ${found.role}, loses every right in ${namespace} at once`,
    'what they published stays, and so do the keys they registered: sheaf key list shows them',
  ];
  await agreeToChange(context, { what: `${namespace}, ${printable(user)}`, effect, act: 'remove them', yes });
}

export const transfer = defineCommand<
  { readonly registry: string; readonly offer: Invitation },
  NamespaceTransferJson
>({
  name: 'namespace transfer',
  about:
    'Offer a namespace to another owner. Once they accept, you are a maintainer; the log tells that it changed hands. Its keys stay as they are. Needs a sign-in of the last hour.',
  positionals: { names: ['NS', 'USER'], completes: ['namespace', []], required: 2 },
  flags: [AGREE_FLAG, REGISTRY_FLAG],
  examples: ['sheaf namespace transfer acme ben', 'sheaf namespace transfer acme ben --yes --json'],
  exitCodes: [0, 3, 4, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const [name = '', user = ''] = input.positionals;
      const namespace = parseNamespace(name);
      await requireToken(context, session);
      await assertSameLog(context, session);
      const effect = [
        `once ${printable(user)} accepts, they own it and you are a maintainer`,
        'the log tells everybody, for good, that it changed hands; its keys stay as they are',
      ];
      await agreeToChange(context, { what: namespace, effect, act: 'offer it', yes: input.has('yes') });
      const offer = await session.client.offerTransfer(namespace, user, { signal: context.signal });
      return { data: { registry: session.url, offer } };
    }),
  render: ({ offer }) => ({
    talk: `${offer.namespace} is offered to ${offer.user} until ${formatDay(offer.expiresAt)}; they accept with: sheaf invitations accept ${offer.namespace}`,
  }),
});

export const list = defineCommand<
  { readonly registry: string; readonly namespaces: readonly Membership[] },
  NamespaceListJson
>({
  name: 'namespace list',
  about: 'List the namespaces that you are a member of.',
  positionals: { names: [], required: 0 },
  flags: [REGISTRY_FLAG],
  examples: ['sheaf namespace list', 'sheaf namespace list --json'],
  exitCodes: [0, 3, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const namespaces = await session.client.listNamespaces({ signal: context.signal });
      return { data: { registry: session.url, namespaces } };
    }),
  render: ({ registry, namespaces }, look) =>
    namespaces.length === 0
      ? { talk: `you are a member of no namespace at ${registry}` }
      : {
          answer: renderTable(
            [{}, {}, { drop: 1 }],
            namespaces.map(({ name, role, visibility }) => [
              name,
              role,
              { text: visibility === 'private' ? 'private' : '', full: visibility },
            ]),
            look,
          ),
        },
});

/** What is to be done. One word alone is the namespace whose members are listed; `invite` is another word for `add`. */
function readRequest(words: readonly string[], roleText: string | undefined): Request {
  const [first = ''] = words;
  const isVerb = findAction(first) !== undefined;
  const [word = '', name, user] = words.length === 1 && !isVerb ? ['list', first] : words;
  const action = findAction(word);
  const role = ROLES.find((each) => each === roleText);
  if (action === undefined)
    throw wrongUsage(`members are listed, added, set or removed, not ${quoted(word)}`);
  if (name === undefined) throw wrongUsage(`${word} needs NS${action === 'list' ? '' : ' and USER'}`);
  if (action === 'list' && user !== undefined) throw wrongUsage('list takes no name of a user');
  if (action !== 'list' && user === undefined)
    throw wrongUsage(`${word} needs the name of a user after ${name}`);
  const needsRole = action === 'add' || action === 'set';
  if (needsRole && role === undefined) throw wrongRole(`${word} needs --role: ${ROLES.join(', ')}`);
  if (!needsRole && roleText !== undefined) throw wrongRole(`${word} takes no --role`);
  return { action, namespace: parseNamespace(name), user: user ?? '', role: role ?? 'reader' };
}

function findAction(word: string): Action | undefined {
  return word === 'invite' ? 'add' : ACTIONS.find((each) => each === word);
}

function quoted(word: string): string {
  return JSON.stringify(printable(word.slice(0, 40)));
}

function wrongUsage(message: string): CliError {
  return new CliError('usage.members', message, {
    hint: [
      'sheaf namespace members list NS',
      'sheaf namespace members add|set NS USER --role ROLE',
      'sheaf namespace members remove NS USER',
    ],
  });
}

function wrongRole(message: string): CliError {
  return new CliError('usage.role', message, { hint: 'sheaf namespace members --help' });
}

async function perform(
  { client }: Session,
  { action, namespace, user, role }: Request,
  signal: AbortSignal,
): Promise<Omit<MembersData, 'registry' | 'namespace'>> {
  switch (action) {
    case 'list':
      return client.getMembers(namespace, { signal });
    case 'add':
      return { invited: await client.invite(namespace, { user, role }, { signal }) };
    case 'set':
      return { changed: await client.setMember(namespace, { user, role }, { signal }) };
    case 'remove':
      await client.removeMember(namespace, user, { signal });
      return { removed: user };
  }
}
