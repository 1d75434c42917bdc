import type { StoredAccount } from '../config/credentials.js';
import { defineCommand } from '../frame/command.js';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import type { LogoutJson } from '../json/logout.js';
import { renderLoggedOut, type Forgotten } from '../output/logged-out.js';
import { chooseRegistry } from '../registry/choose.js';
import { REGISTRY_FLAG } from '../registry/session.js';
import { credentialsIn, findAccount, findVariable, readAccountName } from '../registry/stored-token.js';
import { revoke, tokenIdOf } from '../sign-in/sign-out.js';

interface LoggedOut {
  /** The registry that was meant; undefined when all were. */
  readonly registry: string | undefined;
  readonly accounts: readonly Forgotten[];
  readonly hasVariable: boolean;
}

export const command = defineCommand<LoggedOut, LogoutJson>({
  name: 'logout',
  about:
    'Forget what is stored to sign in to a registry. A sign-in ends at the identity provider as well; a token stays valid until it ends, unless --revoke.',
  positionals: { names: ['URL|NAME'], required: 0, completes: ['registry'] },
  flags: [
    { name: 'account', value: 'ACCOUNT', summary: 'this account only' },
    { name: 'all', summary: 'all accounts; without a registry, those of all registries' },
    { name: 'revoke', summary: 'have the registry revoke an access token, too' },
    REGISTRY_FLAG,
  ],
  examples: ['sheaf logout', 'sheaf logout https://registry.example.com --all'],
  exitCodes: [0],
  run: async (context, input) => {
    const dir = context.paths.config();
    const credentials = credentialsIn(context, dir);
    const { registry, chosen } = await choose(context, input, await credentials.list());
    const accounts: Forgotten[] = [];
    for (const place of chosen) {
      const { url, account } = place;
      // What cannot be read any more can still be forgotten.
      const stored = await credentials.find(place).catch((error: unknown) => {
        if (codeOf(error) === 'auth.keyring') return undefined;
        throw error;
      });
      const outcome = stored && (await revoke(context, url, stored, { tokens: input.has('revoke') }));
      await credentials.forget(place);
      const tokenId = stored?.kind === 'token' ? tokenIdOf(stored) : undefined;
      accounts.push({
        registry: url,
        ...(account === undefined ? {} : { account }),
        ...(place.user === undefined ? {} : { user: place.user }),
        ...(stored && { kind: stored.kind }),
        revocation: outcome ?? 'failed',
        ...(tokenId === undefined ? {} : { tokenId }),
        ...(stored?.kind === 'token' && stored.expiresAt !== undefined && { expiresAt: stored.expiresAt }),
      });
    }
    return { data: { registry, accounts, hasVariable: findVariable(context) !== undefined } };
  },
  toJson: ({ registry, accounts }) => {
    const [first] = accounts;
    return {
      ...(registry === undefined ? {} : { registry }),
      forgotten: accounts.length > 0,
      revoked: first !== undefined && accounts.every(({ revocation }) => revocation === 'revoked'),
      ...(first?.kind === undefined ? {} : { kind: first.kind }),
      accounts: accounts.map(({ revocation, ...rest }) => ({ ...rest, revoked: revocation === 'revoked' })),
    };
  },
  render: renderLoggedOut,
});

async function choose(
  context: Context,
  input: Input,
  stored: readonly StoredAccount[],
): Promise<{ readonly registry: string | undefined; readonly chosen: readonly StoredAccount[] }> {
  const named = input.positionals[0] ?? input.get('registry');
  const account = input.get('account');
  if (input.has('all') && account !== undefined)
    throw new CliError('usage.exclusive_flags', '--all and --account exclude each other', {
      hint: 'sheaf logout --help',
    });
  if (input.has('all') && named === undefined) return { registry: undefined, chosen: stored };
  const { url, account: usual } = await chooseRegistry(context, named);
  const here = stored.filter((each) => each.url === url);
  if (input.has('all')) return { registry: url, chosen: here };
  const choice =
    account === undefined
      ? findAccount(stored, { url, account: usual }, context.env['SHEAF_ACCOUNT'])
      : here.find((each) => each.account === readAccountName(account, '--account'));
  return { registry: url, chosen: choice === undefined ? [] : [choice] };
}
