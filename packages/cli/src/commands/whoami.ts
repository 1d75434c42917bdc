import type { Whoami } from '@sheaf/client/contract';
import { defineCommand } from '../frame/command.js';
import type { WhoamiJson } from '../json/whoami.js';
import { describeUser } from '../output/user.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession } from '../registry/session.js';
import { printable } from '../terminal/escape.js';

interface Who extends Whoami {
  readonly registry: string;
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
      return {
        data: { registry: session.url, ...(await session.client.whoami({ signal: context.signal })) },
      };
    }),
  render: (data, { columns }) =>
    columns === undefined
      ? { answer: printable(data.user) }
      : {
          answer: describeUser(data),
          talk: `at ${data.registry} · ${describeWay(data)}, for ${describeScopes(data.token.scopes)}`,
        },
});

/** How somebody signed in. */
function describeWay({ via, token, authenticatedAt }: Whoami): string {
  if (via !== 'oidc') return `token ${JSON.stringify(printable(token.name))}`;
  return authenticatedAt === undefined
    ? 'signed in at the identity provider'
    : `signed in at the identity provider at ${printable(authenticatedAt.slice(0, 16).replace('T', ' '))}`;
}

function describeScopes(scopes: readonly string[]): string {
  if (scopes.includes('*')) return 'all that you may do';
  return scopes.length === 0 ? 'nothing but this' : scopes.map((scope) => printable(scope)).join(', ');
}
