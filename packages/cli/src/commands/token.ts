import type { CreatedToken } from '@sheaf/client/contract';
import { defineCommand, type CommandGroup } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession } from '../registry/session.js';
import { printable } from '../terminal/escape.js';

interface Created extends CreatedToken {
  readonly registry: string;
}

const create = defineCommand<Created>({
  name: 'token create',
  about: 'Create an access token; it is shown once.',
  positionals: { names: [], required: 0 },
  flags: [
    { name: 'name', value: 'NAME', summary: 'what it is for' },
    { name: 'scope', value: 'SCOPE', repeat: true, summary: 'what it may do (default: all that you may)' },
    { name: 'expires-in-days', value: 'N', summary: 'how long it lives' },
    REGISTRY_FLAG,
  ],
  examples: ['sheaf token create --name laptop', 'sheaf token create --name ci --expires-in-days 90 --json'],
  exitCodes: [0, 3, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const name = input.get('name');
      if (name === undefined) {
        throw new CliError('usage.missing_flag', 'the token needs a name', {
          hint: 'sheaf token create --name laptop',
        });
      }
      const scopes = input.all('scope');
      const days = readDays(input.get('expires-in-days'));
      await requireToken(context, session);
      await assertSameLog(context, session);
      const token = await session.client.createToken(
        {
          name,
          ...(scopes.length === 0 ? {} : { scopes }),
          ...(days === undefined ? {} : { expiresInDays: days }),
        },
        { signal: context.signal },
      );
      return { data: { registry: session.url, ...token } };
    }),
  render: (data) => ({
    talk: `token ${printable(data.name)} for ${data.registry}${data.expiresAt === undefined ? ', which does not expire' : ` until ${printable(data.expiresAt.slice(0, 10))}`}; it is shown this once`,
    answer: printable(data.token),
  }),
});

function readDays(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= 3650) return Number(text);
  throw new CliError(
    'usage.expires_in_days',
    `--expires-in-days ${JSON.stringify(text)} is not a number from 1 to 3650`,
    { hint: 'sheaf token create --help' },
  );
}

export const command: CommandGroup = {
  name: 'token',
  about: 'Access tokens, for machines and for signing in without a browser.',
  commands: [create],
};
