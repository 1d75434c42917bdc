import type { Whoami } from '@sheaf/client/contract';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { describeRights } from './user.js';
import { formatDay } from '../terminal/text.js';

/** What a sign-in has come to. */
export interface LoggedIn {
  readonly registry: string;
  readonly logKey: string;
  readonly user?: Whoami;
  /** What the registry is called here, when it was named so. */
  readonly name?: string;
  /** What the account is called here, when it has a name. */
  readonly account?: string;
  /** Whether this account is the one that is used there. */
  readonly used?: boolean;
  /** Then there is nobody to sign in as. */
  readonly mirror?: boolean;
  /** Where what was stored lies: a file, or the keyring of the system. */
  readonly tokenFile?: string;
  readonly inKeyring?: boolean;
  /** When the access token of a sign-in ends, and whether it is renewed then. */
  readonly signIn?: { readonly expiresAt: string; readonly renews: boolean };
  readonly default: boolean;
  /** The registry that stays the default one. */
  readonly otherDefault?: string | undefined;
}

/** Who, with which rights, where the token lies and until when. */
export function renderLoggedIn(data: LoggedIn): { readonly talk: string } {
  return {
    talk: [...describeWho(data), ...describeDefault(data)].join('\n'),
  };
}

function describeDefault({ default: isDefault, otherDefault }: LoggedIn): readonly string[] {
  if (isDefault) return ['it is the default registry from now on'];
  return otherDefault === undefined ? [] : [`the default registry is ${otherDefault}, as before`];
}

function describeWho(data: LoggedIn): readonly string[] {
  const { registry, name, user, account, used = true, mirror = false } = data;
  if (mirror) return [`${registry} is trusted; it is a mirror, for reading: nobody signs in to it`];
  if (user === undefined)
    return [
      `${registry} is trusted; not signed in`,
      'only publishing needs that: where the registry has an identity provider, run this at a terminal, or with --device;',
      'else get a token from the operator, then',
      `  sheaf login ${shellWord(registry)} --with-token`,
    ];
  const named = account === undefined ? '' : ` (account ${account})`;
  const parts = [...describeRights(user), describeToken(data, user)].filter((part) => part !== '');
  return [
    [`signed in to ${registry} as ${printable(user.user)}${named}`, ...parts].join(' · '),
    ...(used || account === undefined
      ? []
      : [
          `another account is used there: SHEAF_ACCOUNT=${shellWord(account)} for now, sheaf registry add ${name ?? `NAME ${shellWord(registry)}`} --account ${shellWord(account)} for good`,
        ]),
  ];
}

/** `token in the OS keyring until 2026-12-20`. */
function describeToken({ tokenFile, inKeyring = false, signIn }: LoggedIn, { token, via }: Whoami): string {
  const place = inKeyring
    ? 'token in the OS keyring'
    : tokenFile === undefined
      ? 'token'
      : `token in ${tokenFile}`;
  if (signIn?.renews === true) return `${place}, renewed by itself until sheaf logout`;
  if (signIn !== undefined)
    return `${place} until ${printable(signIn.expiresAt.slice(0, 16).replace('T', ' '))} UTC: nothing renews it`;
  if (via === 'oidc') return '';
  return token.expiresAt === undefined
    ? `${place}, which never expires`
    : `${place} until ${printable(formatDay(token.expiresAt))}`;
}
