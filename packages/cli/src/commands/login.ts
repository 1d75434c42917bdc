import type { Whoami } from '@sheaf/client/contract';
import { remember } from '../completion/candidates.js';
import type { Credential, CredentialPlace, SignInCredential } from '../config/credential-format.js';
import { parseToken } from '../config/credentials.js';
import { editSettings, setDefault } from '../config/edit-settings.js';
import { DEFAULT_REGISTRY } from '../config/registry-url.js';
import { readSettings } from '../config/settings.js';
import type { Input } from '../frame/args.js';
import { defineCommand, omit } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { LoginJson } from '../json/login.js';
import { renderLoggedIn, type LoggedIn } from '../output/logged-in.js';
import { connect } from '../registry/connect.js';
import { ensurePinned } from '../registry/first-contact.js';
import { findMirrorRefusal, withSession, YES_FLAG, type Session } from '../registry/session.js';
import { credentialsIn, isUsedAccount, readAccountName } from '../registry/stored-token.js';
import { assertMeant } from '../sign-in/sign-in-place.js';
import { maySignIn, signInAt, type SignInOptions } from '../sign-in/sign-in.js';
import { shellWord } from '../terminal/shell.js';

const MAX_TOKEN_BYTES = 8192;

export const command = defineCommand<LoggedIn, LoginJson>({
  name: 'login',
  about:
    "Trust a registry's log key and sign in: at its identity provider, or with --with-token by an access token. Without URL: the registry in use.",
  positionals: { names: ['URL|NAME'], required: 0, completes: ['registry'] },
  flags: [
    { name: 'with-token', summary: 'read an access token from stdin' },
    { name: 'account', value: 'ACCOUNT', summary: 'keep it beside others, under this name' },
    { name: 'device', summary: 'sign in by a code that you enter on any device' },
    { name: 'browser', summary: 'sign in by the browser of this machine' },
    {
      name: 'fresh',
      summary: 'have the identity provider ask again who you are, as a recovery or a transfer needs',
    },
    {
      name: 'resource',
      value: 'URI',
      rare: true,
      summary: 'sign in for this, by the word of the operator, where it is not named after the registry',
    },
    { name: 'log-key', value: 'VKEY', summary: 'the log key that the operator publishes' },
    {
      name: 'replace-log-key',
      value: 'VKEY',
      rare: true,
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
    const account = readAccount(context, input);
    const token = input.has('with-token') ? await readToken(context) : undefined;
    return withSession(
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
        const place = { url: session.choice.url, account: account ?? session.choice.account };
        const kept = await keep(context, place, { user, token, signedIn });
        const mirror = user === undefined && (await findMirrorRefusal(context, session)) !== undefined;
        const isDefault = url !== undefined && (await becomeDefault(context, session));
        if (session.choice.name !== undefined) await remember(context, 'registry', [session.choice.name]);
        return {
          data: {
            registry: session.url,
            ...(session.choice.name === undefined ? {} : { name: session.choice.name }),
            logKey: pin.logKey,
            ...(user === undefined ? {} : { user }),
            ...(mirror ? { mirror } : {}),
            ...kept,
            ...(signedIn && {
              signIn: { expiresAt: signedIn.expiresAt, renews: signedIn.refreshToken !== undefined },
            }),
            default: isDefault,
            otherDefault: isDefault ? undefined : await findOtherDefault(context, session),
          },
        };
      },
      { url, ...(token === undefined ? {} : { token }) },
    );
  },
  toJson: (data) => omit(data, 'otherDefault'),
  render: renderLoggedIn,
});

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

/** The account to sign in as, where flag or environment name one. */
function readAccount({ env }: Context, input: Input): string | undefined {
  const [flag, variable = ''] = [input.get('account'), env['SHEAF_ACCOUNT']];
  if (flag !== undefined) return readAccountName(flag, '--account');
  return variable === '' ? undefined : readAccountName(variable, 'SHEAF_ACCOUNT');
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
  place: CredentialPlace,
  got: {
    readonly user: Whoami | undefined;
    readonly token: string | undefined;
    readonly signedIn: SignInCredential | undefined;
  },
): Promise<Pick<LoggedIn, 'tokenFile' | 'inKeyring' | 'account' | 'used'>> {
  const { user, token, signedIn } = got;
  const expiresAt = user?.token.expiresAt;
  const credential: Credential | undefined =
    signedIn ?? (token === undefined ? undefined : { kind: 'token', token, expiresAt });
  if (credential === undefined) return {};
  const credentials = credentialsIn(context, context.paths.config());
  const where = await credentials.store(place, credential, user?.user);
  return {
    ...(where === 'keyring' ? { inKeyring: true } : { tokenFile: credentials.path }),
    ...(place.account !== undefined && {
      account: place.account,
      used: await isUsedAccount(context, credentials, place),
    }),
  };
}

async function readToken(context: Context): Promise<string> {
  const { ui, stdinIsTty } = context;
  if (stdinIsTty && ui.canAsk) return parseToken(await ui.askSecret('access token: '), 'what you typed');
  // To read from a terminal is to ask as well.
  const text = stdinIsTty ? '' : await context.readStdin(MAX_TOKEN_BYTES);
  if (text.trim() !== '') return parseToken(text, 'stdin');
  throw new CliError('usage.stdin_empty', 'stdin holds no token', {
    hint: 'sheaf login URL --with-token < FILE',
  });
}

/** The first registry that is named becomes the default, unless it is that anyway. What a repository names never does. */
/** The registry that is asked where none is named, when it is another one. */
async function findOtherDefault(context: Context, { choice }: Session): Promise<string | undefined> {
  const { registry } = await readSettings(context.paths.config());
  return registry === choice.name || registry === choice.url ? undefined : registry;
}

async function becomeDefault(context: Context, { choice }: Session): Promise<boolean> {
  const dir = context.paths.config();
  const { registry, registries } = await readSettings(dir);
  const isForeign = choice.name !== undefined && registries.get(choice.name)?.url !== choice.url;
  if (registry !== undefined || registries.size === 1 || isForeign || choice.url === DEFAULT_REGISTRY)
    return false;
  await editSettings(
    dir,
    async (text, path) => ({ text: await setDefault(text, path, choice.name ?? choice.url) }),
    context,
  );
  return true;
}
