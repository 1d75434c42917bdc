import { readFileSync } from 'node:fs';
import { numberOf, switchOf, textOf, urlOf, usageError, wordOf, type Env } from './env.js';

/** The OpenID provider that people sign in at. */
export interface OidcConfig {
  readonly issuer: string;
  /** What `aud` of an access token must name. */
  readonly audience: string;
  /** Resource indicator that clients ask a token for (RFC 8707); undefined where the provider knows none. */
  readonly resource: string | undefined;
  /** Of the registry: for introspection and for browsers. */
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  /** Public client of command lines. */
  readonly cliClientId: string;
  readonly scopes: readonly string[];
  readonly nameClaim: string;
  /** Who bears one of these values in the claim is admin of the registry. */
  readonly admins: { readonly claim: string; readonly values: readonly string[] } | undefined;
}

export interface TokenConfig {
  /** Longest life of a personal access token, in days. */
  readonly maxDays: number;
  /** Of one that is asked for without a time. */
  readonly defaultDays: number;
  /** Who may have tokens that never expire. */
  readonly unlimited: 'nobody' | 'admins' | 'everybody';
}

export interface SignInConfig {
  readonly oidc: OidcConfig | undefined;
  readonly tokens: TokenConfig;
  /** Where browsers reach the service, without a trailing slash. */
  readonly publicUrl: string | undefined;
}

export const SIGN_IN_USAGE = `\
  SHEAF_PUBLIC_URL          where browsers reach the service (default: https:// and the origin)
  SHEAF_OIDC_ISSUER         OpenID provider that people sign in at; without it, only tokens are taken
  SHEAF_OIDC_AUDIENCE       what access tokens must be for: the service's URL, or urn:sheaf: and its host, so that
                            command lines know without asking that a sign-in is for it
  SHEAF_OIDC_RESOURCE       on: clients ask for a token for the audience (RFC 8707); off: not (default: on for a URI)
  SHEAF_OIDC_CLIENT_ID      client of the registry at the provider
  SHEAF_OIDC_CLIENT_SECRET  its secret, for opaque tokens and sign-in by browser; or SHEAF_OIDC_CLIENT_SECRET_FILE
  SHEAF_OIDC_CLI_CLIENT_ID  public client of command lines (default: SHEAF_OIDC_CLIENT_ID)
  SHEAF_OIDC_SCOPES         what clients ask for (default: openid profile offline_access)
  SHEAF_OIDC_NAME_CLAIM     claim that names a new user (default: preferred_username)
  SHEAF_OIDC_ADMIN_CLAIM    claim that makes somebody admin, such as groups
  SHEAF_OIDC_ADMIN_VALUES   its values that do, separated by commas
  SHEAF_TOKEN_MAX_DAYS      longest life of a personal access token (default 365)
  SHEAF_TOKEN_DEFAULT_DAYS  life of one that names none (default 90)
  SHEAF_TOKEN_UNLIMITED     who may have tokens that live longer, or for ever: nobody, admins, everybody (default admins)
`;

/** @throws StartError `usage.invalid` */
export function parseSignInConfig(
  env: Env,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): SignInConfig {
  const tokens = parseTokenConfig(env);
  const publicUrl = urlOf(env, 'SHEAF_PUBLIC_URL')?.href.replace(/\/+$/, '');
  return { oidc: parseOidc(env, readFile), tokens, publicUrl };
}

function parseTokenConfig(env: Env): TokenConfig {
  const maxDays = numberOf(env, 'SHEAF_TOKEN_MAX_DAYS', { default: 365, least: 1, most: 3650 });
  const asked = numberOf(env, 'SHEAF_TOKEN_DEFAULT_DAYS', { default: 90, least: 1, most: 3650 });
  return {
    maxDays,
    defaultDays: Math.min(asked, maxDays),
    unlimited: wordOf(env, 'SHEAF_TOKEN_UNLIMITED', ['nobody', 'admins', 'everybody'] as const, 'admins'),
  };
}

function parseOidc(env: Env, readFile: (path: string) => string): OidcConfig | undefined {
  const issuerUrl = urlOf(env, 'SHEAF_OIDC_ISSUER');
  if (issuerUrl === undefined) {
    const stray = Object.keys(env).find((name) => name.startsWith('SHEAF_OIDC_') && textOf(env, name));
    if (stray !== undefined) throw usageError(`${stray} is set without an issuer`, 'set SHEAF_OIDC_ISSUER');
    return undefined;
  }
  if (issuerUrl.protocol === 'http:' && !isLoopback(issuerUrl.hostname))
    throw usageError('SHEAF_OIDC_ISSUER is not https', 'use https; http is for a provider on this machine');
  const audience = needed(env, 'SHEAF_OIDC_AUDIENCE');
  const clientId = needed(env, 'SHEAF_OIDC_CLIENT_ID');
  const cliClientId = textOf(env, 'SHEAF_OIDC_CLI_CLIENT_ID') ?? clientId;
  // An ID token names the client as its audience; were that our audience too, one could pass for the other.
  if (audience === clientId || audience === cliClientId)
    throw usageError(
      'SHEAF_OIDC_AUDIENCE is the id of a client',
      'give the registry an audience (API, resource) of its own at the provider',
    );
  return {
    // As it was written: issuers are compared as text, with or without a trailing slash.
    issuer: textOf(env, 'SHEAF_OIDC_ISSUER') ?? issuerUrl.href,
    audience,
    resource: switchOf(env, 'SHEAF_OIDC_RESOURCE', URL.canParse(audience)) ? audience : undefined,
    clientId,
    clientSecret: parseSecret(env, readFile),
    cliClientId,
    scopes: wordsOf(textOf(env, 'SHEAF_OIDC_SCOPES') ?? 'openid profile offline_access', / +/),
    nameClaim: textOf(env, 'SHEAF_OIDC_NAME_CLAIM') ?? 'preferred_username',
    admins: parseAdmins(env),
  };
}

function parseSecret(env: Env, readFile: (path: string) => string): string | undefined {
  const path = textOf(env, 'SHEAF_OIDC_CLIENT_SECRET_FILE');
  const text = textOf(env, 'SHEAF_OIDC_CLIENT_SECRET');
  if (path === undefined) return text;
  if (text !== undefined)
    throw usageError('SHEAF_OIDC_CLIENT_SECRET is given twice', 'give the secret or the file, not both');
  try {
    const secret = readFile(path).trim();
    return secret === '' ? undefined : secret;
  } catch (cause) {
    throw usageError(
      'SHEAF_OIDC_CLIENT_SECRET_FILE cannot be read',
      'check the path and its permissions',
      cause,
    );
  }
}

function parseAdmins(env: Env): OidcConfig['admins'] {
  const claim = textOf(env, 'SHEAF_OIDC_ADMIN_CLAIM');
  const values = wordsOf(textOf(env, 'SHEAF_OIDC_ADMIN_VALUES') ?? '', /,/);
  if (claim === undefined && values.length === 0) return undefined;
  if (claim === undefined || values.length === 0)
    throw usageError(
      'SHEAF_OIDC_ADMIN_CLAIM and SHEAF_OIDC_ADMIN_VALUES need each other',
      'set both or none',
    );
  return { claim, values };
}

function wordsOf(text: string, separator: RegExp): readonly string[] {
  return text
    .split(separator)
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function needed(env: Env, name: string): string {
  const text = textOf(env, name);
  if (text === undefined) throw usageError(`${name} is missing`, `sign-in needs it: set ${name}`);
  return text;
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
