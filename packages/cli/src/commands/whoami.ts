import type { Whoami } from '@sheaf/client/contract';
import { remember } from '../completion/candidates.js';
import { defineCommand } from '../frame/command.js';
import type { WhoamiJson } from '../json/whoami.js';
import { describeUser } from '../output/user.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession } from '../registry/session.js';
import { findTokenSource } from '../registry/stored-token.js';
import { printable } from '../terminal/escape.js';

interface Who extends Whoami {
  readonly registry: string;
  /** What the registry is called here. */
  readonly name?: string;
  /** What the account is called here. */
  readonly account?: string;
  readonly tokenFrom?: 'SHEAF_TOKEN' | 'keyring' | 'file';
}

export const command = defineCommand<Who, WhoamiJson>({
  name: 'whoami',
  about: 'Show who a registry takes you for, and what you may do there.',
  positionals: { names: [], required: 0 },
  flags: [REGISTRY_FLAG],
  examples: ['sheaf whoami', 'SHEAF_TOKEN=… sheaf whoami --json'],
  exitCodes: [0, 3, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const user = await session.client.whoami({ signal: context.signal });
      const { name } = session.choice;
      const source = await findTokenSource(context, session.choice);
      const account = source?.kind === 'SHEAF_TOKEN' ? undefined : source?.account;
      await remember(
        context,
        'namespace',
        user.namespaces.map((each) => each.name),
      );
      return {
        data: {
          registry: session.url,
          ...(name === undefined ? {} : { name }),
          ...(account === undefined ? {} : { account }),
          ...(source === undefined ? {} : { tokenFrom: source.kind }),
          ...user,
        },
      };
    }),
  render: (data, { columns }) =>
    columns === undefined
      ? { answer: printable(data.user) }
      : {
          answer: describeUser(data),
          talk: `at ${describePlace(data)} · ${describeWay(data)}, for ${describeScopes(data.token.scopes)}`,
        },
});

function describePlace({ registry, name, account }: Who): string {
  const called = [
    ...(name === undefined ? [] : [name]),
    ...(account === undefined ? [] : [`account ${account}`]),
  ];
  return called.length === 0 ? registry : `${registry} (${called.join(', ')})`;
}

/** How somebody signed in. */
function describeWay({ via, token, tokenFrom, authenticatedAt }: Who): string {
  if (via !== 'oidc')
    return `token ${JSON.stringify(printable(token.name))}${tokenFrom === 'SHEAF_TOKEN' ? ' of SHEAF_TOKEN' : ''}`;
  return authenticatedAt === undefined
    ? 'signed in at the identity provider'
    : `signed in at the identity provider at ${printable(authenticatedAt.slice(0, 16).replace('T', ' '))}`;
}

function describeScopes(scopes: readonly string[]): string {
  if (scopes.includes('*')) return 'all that you may do';
  return scopes.length === 0 ? 'nothing but this' : scopes.map((scope) => printable(scope)).join(', ');
}
