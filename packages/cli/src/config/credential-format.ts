import { CliError } from '../frame/errors.js';

/** What was stored for a registry. */
export type Credential = TokenCredential | SignInCredential;

/** A personal access token. */
export interface TokenCredential {
  readonly kind: 'token';
  readonly token: string;
  /** RFC 3339; undefined when that is not known, or it never expires. */
  readonly expiresAt?: string | undefined;
}

/** A sign-in at an identity provider. */
export interface SignInCredential {
  readonly kind: 'sign-in';
  readonly issuer: string;
  readonly clientId: string;
  readonly resource?: string | undefined;
  readonly accessToken: string;
  /** RFC 3339. */
  readonly expiresAt: string;
  readonly refreshToken?: string | undefined;
}

/** Whose a credential is: that of an account of this machine at a registry, or the one that has no name. */
export interface CredentialPlace {
  readonly url: string;
  readonly account?: string | undefined;
}

/** An entry of the file: what was stored, or that the keyring of the system has it. */
export interface StoredEntry extends CredentialPlace {
  readonly credential: Credential | 'keyring';
  /** Whom the registry took it for. */
  readonly user?: string | undefined;
}

/** The name of a place, as the keyring knows it. */
export function placeKey({ url, account }: CredentialPlace): string {
  // The address of a registry has no fragment.
  return account === undefined ? url : `${url}#${account}`;
}

export const CREDENTIALS_SCHEMA = 'sheaf.credentials/1';

/** @throws CliError `config.invalid` */
export function parseCredentials(text: string, path: string): Map<string, StoredEntry> {
  try {
    const { registries } = JSON.parse(text) as { readonly registries: readonly Record<string, unknown>[] };
    return new Map(registries.map(parseStored).map((entry) => [placeKey(entry), entry]));
  } catch (error) {
    throw damaged(path, error);
  }
}

/** @throws CliError `config.invalid` */
export function parseCredential(text: string, from: string): Credential {
  try {
    const credential = parseEntry(JSON.parse(text) as Record<string, unknown>);
    if (credential !== 'keyring') return credential;
  } catch (error) {
    throw damaged(from, error);
  }
  throw damaged(from, undefined);
}

export function renderCredentials(entries: ReadonlyMap<string, StoredEntry>): string {
  const registries = [...entries.values()].map(({ url, account, user, credential }) => ({
    url,
    account,
    user,
    ...toJson(credential),
  }));
  return `${JSON.stringify({ schema: CREDENTIALS_SCHEMA, registries }, null, 2)}\n`;
}

export function renderCredential(credential: Credential): string {
  return JSON.stringify(toJson(credential));
}

function toJson(credential: StoredEntry['credential']): object {
  if (credential === 'keyring') return { in: 'keyring' };
  const { kind, ...fields } = credential;
  return kind === 'token' ? fields : { signIn: fields };
}

function parseStored(entry: Record<string, unknown>): StoredEntry {
  return {
    url: textOf(entry['url']),
    account: optionalText(entry['account']),
    user: optionalText(entry['user']),
    credential: parseEntry(entry),
  };
}

function parseEntry(entry: Record<string, unknown>): StoredEntry['credential'] {
  if (entry['in'] === 'keyring') return 'keyring';
  const signIn = entry['signIn'] as Record<string, unknown> | undefined;
  if (signIn === undefined)
    return { kind: 'token', token: textOf(entry['token']), expiresAt: optionalText(entry['expiresAt']) };
  return {
    kind: 'sign-in',
    issuer: textOf(signIn['issuer']),
    clientId: textOf(signIn['clientId']),
    resource: optionalText(signIn['resource']),
    accessToken: textOf(signIn['accessToken']),
    expiresAt: textOf(signIn['expiresAt']),
    refreshToken: optionalText(signIn['refreshToken']),
  };
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('a text is missing');
  return value;
}

function optionalText(value: unknown): string | undefined {
  return value === undefined ? undefined : textOf(value);
}

function damaged(path: string, cause: unknown): CliError {
  return new CliError('config.invalid', `${path} is damaged`, {
    hint: 'delete it and sign in again: sheaf login',
    cause,
  });
}
