import type { Whoami } from '@sheaf/client/contract';
import type { Credential, SignInCredential } from '../config/credential-format.js';
import { parseToken } from '../config/credentials.js';
import { DEFAULT_REGISTRY } from '../config/registry-url.js';
import { readSettings, writeDefaultRegistry } from '../config/settings.js';
import type { Input } from '../frame/args.js';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { LoginJson } from '../json/login.js';
import { describeUser } from '../output/user.js';
import { connect } from '../registry/connect.js';
import { ensurePinned } from '../registry/first-contact.js';
import { findMirrorRefusal, withSession, YES_FLAG, type Session } from '../registry/session.js';
import { credentialsIn } from '../registry/stored-token.js';
import { assertMeant } from '../sign-in/sign-in-place.js';
import { maySignIn, signInAt, type SignInOptions } from '../sign-in/sign-in.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';

interface LoggedIn {
  readonly registry: string;
  readonly logKey: string;
  readonly user?: Whoami;
  /** Then there is nobody to sign in as. */
  readonly mirror?: boolean;
  /** Where what was stored lies: a file, or the keyring of the system. */
  readonly tokenFile?: string;
  readonly inKeyring?: boolean;
  /** When the access token of a sign-in ends, and whether it is renewed then. */
  readonly signIn?: { readonly expiresAt: string; readonly renews: boolean };
  readonly isDefault: boolean;
}

const MAX_TOKEN_BYTES = 8192;

export const command = defineCommand<LoggedIn, LoginJson>({
  name: 'login',
  about:
    "Trust a registry's log key and sign in: at its identity provider, or with --with-token by an access token. Without URL: the registry in use.",
  positionals: { names: ['URL'], required: 0 },
  flags: [
    { name: 'with-token', summary: 'read an access token from stdin' },
    { name: 'device', summary: 'sign in by a code that you enter on any device' },
    { name: 'browser', summary: 'sign in by the browser of this machine' },
    {
      name: 'fresh',
      summary: 'have the identity provider ask again who you are, as a recovery or a transfer needs',
    },
    {
      name: 'resource',
      value: 'URI',
      summary: 'sign in for this, by the word of the operator, where it is not named after the registry',
    },
    { name: 'log-key', value: 'VKEY', summary: 'the log key that the operator publishes' },
    {
      name: 'replace-log-key',
      value: 'VKEY',
      summary: 'accept this log key in the place of the one pinned; forgets what was seen of the log',
    },
    { ...YES_FLAG, summary: 'accept the log key that the registry shows, if none is pinned yet' },
  ],
  examples: [
    'sheaf login https://registry.example.com',
    'sheaf login http://127.0.0.1:7433 --with-token < .sheaf/admin-token',
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
    const how = readHow(input);
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
        const signedIn = token === undefined ? await signIn(context, session, how) : undefined;
        const user = await findUser(context, session, token, signedIn);
        const kept = await keep(context, session, user, token, signedIn);
        const mirror = user === undefined && (await findMirrorRefusal(context, session)) !== undefined;
        const isDefault = url !== undefined && (await becomeDefault(context, session.choice.url));
        return {
          data: {
            registry: session.url,
            logKey: pin.logKey,
            ...(user === undefined ? {} : { user }),
            ...(mirror ? { mirror } : {}),
            ...kept,
            ...(signedIn && {
              signIn: { expiresAt: signedIn.expiresAt, renews: signedIn.refreshToken !== undefined },
            }),
            isDefault,
          },
        };
      },
      { url, ...(token === undefined ? {} : { token }) },
    );
    return work;
  },
  render: (data) => ({
    talk: [...describeWho(data), ...(data.isDefault ? ['it is the default registry from now on'] : [])].join(
      '\n',
    ),
  }),
});

function describeWho(data: LoggedIn): readonly string[] {
  const { registry, user, mirror = false, tokenFile, inKeyring, signIn: given } = data;
  if (mirror) return [`${registry} is trusted; it is a mirror, for reading: nobody signs in to it`];
  if (user === undefined)
    return [
      `${registry} is trusted; not signed in`,
      'only publishing needs that: where the registry has an identity provider, run this at a terminal, or with --device;',
      'else get a token from the operator, then',
      `  sheaf login ${shellWord(registry)} --with-token`,
    ];
  return [
    `signed in to ${registry} as ${describeUser(user)}`,
    ...(tokenFile === undefined ? [] : [`token kept in ${tokenFile}`]),
    ...(inKeyring === true ? ['token kept in the keyring of the system'] : []),
    ...(given === undefined ? [] : [describeEnd(given)]),
  ];
}

function describeEnd({ expiresAt, renews }: NonNullable<LoggedIn['signIn']>): string {
  return renews
    ? 'it is renewed by itself, until sheaf logout or the identity provider ends it'
    : `it ends at ${printable(expiresAt.slice(0, 16).replace('T', ' '))} UTC: the identity provider lets nothing renew it`;
}

function readHow(input: Input): SignInOptions {
  const how = {
    device: input.has('device'),
    browser: input.has('browser'),
    fresh: input.has('fresh'),
    resource: input.get('resource'),
  };
  const ways = [how.device, how.browser || how.fresh, input.has('with-token')].filter(Boolean);
  if (ways.length < 2) return how;
  throw new CliError(
    'usage.exclusive_flags',
    '--device, --browser or --fresh, and --with-token exclude each other',
    {
      hint: 'sheaf login --help',
    },
  );
}

/** Signs in at the identity provider of the registry; undefined where it has none, or nobody is there to do it. */
async function signIn(
  context: Context,
  session: Session,
  how: SignInOptions,
): Promise<SignInCredential | undefined> {
  const isAsked = how.device || how.browser || how.fresh;
  const { signIn: place } = await session.client.wellKnown({ signal: context.signal });
  if (place === undefined && isAsked)
    throw new CliError('auth.sign_in_unavailable', `${session.url} has no identity provider to sign in at`, {
      hint: `with a token: sheaf login ${shellWord(session.url)} --with-token`,
    });
  if (place === undefined || !(maySignIn(context, how) || isAsked)) return undefined;
  await assertMeant(context, session.url, place, how.resource);
  return signInAt(context, place, how);
}

async function findUser(
  context: Context,
  session: Session,
  token: string | undefined,
  signedIn: SignInCredential | undefined,
): Promise<Whoami | undefined> {
  const { signal } = context;
  if (signedIn === undefined)
    return (token ?? (await session.token())) === undefined ? undefined : session.client.whoami({ signal });
  const client = await connect(context, session, { token: signedIn.accessToken });
  try {
    return await client.whoami({ signal });
  } finally {
    await client.close();
  }
}

/** Stores what the registry has taken. */
async function keep(
  context: Context,
  session: Session,
  user: Whoami | undefined,
  token: string | undefined,
  signedIn: SignInCredential | undefined,
): Promise<{ tokenFile?: string; inKeyring?: boolean }> {
  const expiresAt = user?.token.expiresAt;
  const credential: Credential | undefined =
    signedIn ?? (token === undefined ? undefined : { kind: 'token', token, expiresAt });
  if (credential === undefined) return {};
  const credentials = credentialsIn(context, context.paths.config());
  const place = await credentials.store({ url: session.choice.url }, credential, user?.user);
  return place === 'keyring' ? { inKeyring: true } : { tokenFile: credentials.path };
}

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
