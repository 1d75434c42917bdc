import type { Whoami } from '@sheaf/client/contract';
import { openCredentials, parseToken } from '../config/credentials.js';
import { DEFAULT_REGISTRY } from '../config/registry-url.js';
import { readSettings, writeDefaultRegistry } from '../config/settings.js';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { describeUser } from '../output/user.js';
import { ensurePinned } from '../registry/first-contact.js';
import { withSession, YES_FLAG } from '../registry/session.js';
import { shellWord } from '../terminal/shell.js';

interface LoggedIn {
  readonly registry: string;
  readonly logKey: string;
  readonly user?: Whoami;
  readonly tokenFile?: string;
  readonly isDefault: boolean;
}

const MAX_TOKEN_BYTES = 8192;

export const command = defineCommand<LoggedIn>({
  name: 'login',
  about:
    "Trust a registry's log key, and with --with-token store an access token for it. Without URL: the registry in use.",
  positionals: { names: ['URL'], required: 0 },
  flags: [
    { name: 'with-token', summary: 'read an access token from stdin' },
    { name: 'log-key', value: 'VKEY', summary: 'the log key that the operator publishes' },
    {
      name: 'replace-log-key',
      value: 'VKEY',
      summary: 'accept this log key in the place of the one pinned; forgets what was seen of the log',
    },
    { ...YES_FLAG, summary: 'accept the log key that the registry shows, if none is pinned yet' },
  ],
  examples: [
    'sheaf login http://127.0.0.1:7433 --with-token < .sheaf/admin-token',
    'sheaf login https://registry.example.com --log-key KEY',
  ],
  exitCodes: [0, 3, 5, 6],
  run: async (context, input) => {
    const [url] = input.positionals;
    const replaceLogKey = input.get('replace-log-key');
    if (replaceLogKey !== undefined && input.has('log-key')) {
      throw new CliError('usage.exclusive_flags', '--log-key and --replace-log-key exclude each other', {
        hint: 'sheaf login --help',
      });
    }
    const token = input.has('with-token') ? await readToken(context) : undefined;
    const work = withSession(
      context,
      input,
      async (session) => {
        const pin = await ensurePinned(context, session, {
          yes: input.has('yes'),
          logKey: input.get('log-key'),
          compare: true,
          replaceLogKey,
          withToken: token !== undefined,
        });
        const signedIn = token ?? (await session.token());
        const user =
          signedIn === undefined ? undefined : await session.client.whoami({ signal: context.signal });
        let tokenFile: string | undefined;
        if (token !== undefined) {
          const credentials = openCredentials(context.paths.config(), context.ui.warn);
          await credentials.store(session.choice.url, token);
          tokenFile = credentials.path;
        }
        const isDefault = url !== undefined && (await becomeDefault(context, session.choice.url));
        return {
          data: {
            registry: session.url,
            logKey: pin.logKey,
            ...(user === undefined ? {} : { user }),
            ...(tokenFile === undefined ? {} : { tokenFile }),
            isDefault,
          },
        };
      },
      { url, ...(token === undefined ? {} : { token }) },
    );
    return work;
  },
  render: (data) => ({
    talk: [
      ...(data.user === undefined
        ? [
            `${data.registry} is trusted; not signed in`,
            'only publishing needs a token: get one from the operator, then',
            `  sheaf login ${shellWord(data.registry)} --with-token`,
          ]
        : [
            `signed in to ${data.registry} as ${describeUser(data.user)}`,
            ...(data.tokenFile === undefined ? [] : [`token kept in ${data.tokenFile}`]),
          ]),
      ...(data.isDefault ? ['it is the default registry from now on'] : []),
    ].join('\n'),
  }),
});

async function readToken(context: Context): Promise<string> {
  if (context.stdinIsTty && context.ui.canAsk)
    return parseToken(await context.ui.askSecret('access token: '), 'what you typed');
  const text = await context.readStdin(MAX_TOKEN_BYTES);
  if (text.trim() !== '') return parseToken(text, 'stdin');
  throw new CliError('usage.stdin_empty', 'stdin holds no token', {
    hint: 'sheaf login URL --with-token < FILE',
  });
}

/** The first registry that is named becomes the default, unless it is that anyway. */
async function becomeDefault(context: Context, url: string): Promise<boolean> {
  const dir = context.paths.config();
  if ((await readSettings(dir)).registry !== undefined || url === DEFAULT_REGISTRY) return false;
  await writeDefaultRegistry(dir, url);
  return true;
}
