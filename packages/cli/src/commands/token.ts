import type { CreatedToken, TokenList } from '@sheaf/client/contract';
import { defineCommand, type CommandGroup } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { TokenCreateJson } from '../json/token-create.js';
import type { TokenListJson } from '../json/token-list.js';
import type { TokenRevokeJson } from '../json/token-revoke.js';
import { describeTokens } from '../output/tokens.js';
import { AGREE_FLAG, agreeToChange } from '../registry/agreement.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession } from '../registry/session.js';
import { readLifetime, readScopes } from '../sign-in/token-flags.js';
import { printable } from '../terminal/escape.js';
import { formatAge, formatDay, plural } from '../terminal/text.js';

interface Created extends CreatedToken {
  readonly registry: string;
}

/** Also of one namespace or workflow, `publish:acme`; the registry decides which there are. */
const SCOPES = [
  'read',
  'publish',
  'deprecate',
  'yank',
  'quarantine',
  'channel',
  'key',
  'namespace',
  'member',
  'publisher',
  'webhook',
  'audit',
  'token',
  'recovery',
  'admin',
];

const create = defineCommand<Created, TokenCreateJson>({
  name: 'token create',
  about: 'Create an access token; it is shown once.',
  positionals: { names: [], required: 0 },
  flags: [
    { name: 'name', value: 'NAME', summary: 'what it is for' },
    {
      name: 'scope',
      value: 'SCOPE',
      repeat: true,
      summary: `what it may do: ${SCOPES.join(', ')} (default: all that you may)`,
    },
    { name: 'namespace', value: 'NS', completes: 'namespace', summary: 'bind each scope to this namespace' },
    {
      name: 'workflow',
      value: 'NS/NAME',
      completes: 'reference',
      summary: 'bind each scope to this workflow',
    },
    {
      name: 'expires',
      value: 'WHEN',
      summary: 'when it ends: 30d, 12w or a date (default: what the registry says)',
    },
    { name: 'expires-in-days', value: 'N', summary: 'the same, in days' },
    { name: 'no-expiry', summary: 'it never expires, if the registry lets you' },
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf token create --name laptop',
    'sheaf token create --name ci --scope publish --workflow acme/deploy --expires 30d --json',
  ],
  exitCodes: [0, 3, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const name = input.get('name');
      if (name === undefined) {
        throw new CliError('usage.missing_flag', 'the token needs a name', {
          hint: 'sheaf token create --name laptop',
        });
      }
      const scopes = readScopes(input);
      const lifetime = readLifetime(input, context.now());
      await requireToken(context, session);
      await assertSameLog(context, session);
      const token = await session.client.createToken(
        {
          name,
          ...(scopes.length === 0 ? {} : { scopes }),
          ...lifetime,
        },
        { signal: context.signal },
      );
      return { data: { registry: session.url, ...token } };
    }),
  render: (data) => ({
    talk: `token ${printable(data.name)} for ${data.registry}${data.expiresAt === undefined ? ', which does not expire' : ` until ${printable(formatDay(data.expiresAt))}`}; it is shown this once`,
    answer: printable(data.token),
  }),
});

const list = defineCommand<TokenListData, TokenListJson>({
  name: 'token list',
  about: 'List your access tokens: what each may do, when it was used last, when it ends.',
  positionals: { names: [], required: 0 },
  flags: [REGISTRY_FLAG],
  examples: ['sheaf token list', 'sheaf token list --json'],
  exitCodes: [0, 3, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const tokens = await session.client.listTokens({ signal: context.signal });
      return { data: { registry: session.url, tokens } };
    }),
  render: ({ tokens, registry }, look) => ({
    ...(tokens.length === 0 && { talk: `no tokens at ${registry}` }),
    answer: describeTokens(tokens, look),
  }),
});

interface TokenListData {
  readonly registry: string;
  readonly tokens: TokenList['tokens'];
}

const revoke = defineCommand<{ readonly registry: string; readonly ids: readonly string[] }, TokenRevokeJson>(
  {
    name: 'token revoke',
    about: 'Revoke access tokens by their ids: the next request with one is refused.',
    positionals: { names: ['ID'], completes: [[]], more: true, required: 1 },
    flags: [AGREE_FLAG, REGISTRY_FLAG],
    examples: [
      'sheaf token revoke 0123456789abcdef',
      'sheaf token revoke 0123456789abcdef fedcba9876543210 --yes',
    ],
    exitCodes: [0, 3, 5, 6],
    run: (context, input) =>
      withSession(context, input, async (session) => {
        const ids = input.positionals.map(readId);
        await requireToken(context, session);
        await assertSameLog(context, session);
        const { signal } = context;
        const tokens = (await session.client.listTokens({ signal })).filter(({ id }) => ids.includes(id));
        if (tokens.length > 0)
          await agreeToChange(context, {
            what: plural(tokens.length, 'access token'),
            effect: tokens.map((token) => describeLoss(token, context.now())),
            act: tokens.length === 1 ? 'revoke it' : 'revoke them',
            yes: input.has('yes'),
          });
        for (const id of ids) await session.client.revokeToken(id, { signal });
        return { data: { registry: session.url, ids } };
      }),
    render: ({ ids, registry }) => ({ talk: `revoked at ${registry}: ${ids.join(', ')}` }),
  },
);

/** Whose next request is refused. */
function describeLoss({ id, name, lastUsedAt }: TokenList['tokens'][number], nowMs: number): string {
  const used = lastUsedAt === undefined ? 'never used' : `used ${formatAge(lastUsedAt, nowMs)}`;
  return printable(`${id} ${name}, ${used}: the next request with it is refused, for good`);
}

/** The id, also out of a whole token, of which it is the public part. */
function readId(text: string): string {
  const id = /^(?:shf_)?([0-9a-f]{16})(?:_[A-Za-z0-9_-]{43})?$/.exec(text)?.[1];
  if (id !== undefined) return id;
  throw new CliError(
    'usage.token_id',
    `${JSON.stringify(printable(text.slice(0, 40)))} is not the id of a token`,
    {
      hint: 'sheaf token list shows the ids',
    },
  );
}

export const command: CommandGroup = {
  name: 'token',
  about: 'Access tokens, for machines and for signing in without a browser.',
  commands: [create, list, revoke],
};
