import { TRUSTED_KINDS, type TrustedKind } from '../domain/trusted/kinds.js';
import { isLoopback } from './oidc.js';
import { textOf, usageError, type Env } from './env.js';

/** One issuer of identity tokens that CI jobs may publish with. */
export interface TrustedIssuerConfig {
  readonly issuer: string;
  readonly kind: TrustedKind;
  /** Undefined for `sheaf:` and the registry's origin. */
  readonly audience: string | undefined;
  readonly identity: readonly string[] | undefined;
}

export interface TrustedConfig {
  readonly issuers: readonly TrustedIssuerConfig[];
}

export const TRUSTED_USAGE = `\
  SHEAF_TRUSTED_ISSUERS     whose identity tokens CI may publish with, one in each line, as ISSUER [KIND [AUDIENCE]]:
                            github, gitlab, or a URL and github, gitlab or generic; or JSON, see docs/guides/publish-from-ci.md
`;

const NAME = 'SHEAF_TRUSTED_ISSUERS';
const MAX_ISSUERS = 64;
const CLAIM = /^[a-z][a-z0-9_]{0,63}$/;

/** The two that everybody may use by their short names. */
const WELL_KNOWN: Readonly<Record<string, { readonly issuer: string; readonly kind: TrustedKind }>> = {
  github: { issuer: 'https://token.actions.githubusercontent.com', kind: 'github' },
  gitlab: { issuer: 'https://gitlab.com', kind: 'gitlab' },
};

/** @throws StartError `usage.invalid` */
export function parseTrustedConfig(env: Env): TrustedConfig {
  const text = textOf(env, NAME)?.trim() ?? '';
  const issuers = text.startsWith('[') ? parseJson(text) : parseLines(text);
  if (issuers.length > MAX_ISSUERS)
    throw usageError(`${NAME} names more than ${MAX_ISSUERS} issuers`, 'name fewer');
  const twice = issuers.find(({ issuer }, i) => issuers.slice(0, i).some((other) => other.issuer === issuer));
  if (twice !== undefined) throw usageError(`${NAME} names ${twice.issuer} twice`, 'name it once');
  return { issuers };
}

function parseLines(text: string): readonly TrustedIssuerConfig[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [first = '', kind, audience, ...rest] = line.split(/[ \t]+/);
      if (rest.length > 0) throw unreadable(line);
      return toIssuer({
        ...(Object.hasOwn(WELL_KNOWN, first) ? WELL_KNOWN[first] : { issuer: first }),
        ...(kind !== undefined && { kind }),
        audience,
      });
    });
}

function parseJson(text: string): readonly TrustedIssuerConfig[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw usageError(`${NAME} is not JSON`, 'correct it, or write a line for each issuer', cause);
  }
  if (!Array.isArray(value)) throw unreadable(text);
  return value.map((each: unknown) => {
    if (typeof each !== 'object' || each === null) throw unreadable(JSON.stringify(each));
    return toIssuer(each);
  });
}

function toIssuer(given: Readonly<Partial<Record<keyof TrustedIssuerConfig, unknown>>>): TrustedIssuerConfig {
  const { issuer, audience, identity } = given;
  const own = kindOfHost(issuer);
  const kind = TRUSTED_KINDS.find((known) => known === (given.kind ?? own ?? 'generic'));
  const known = ['issuer', 'kind', 'audience', 'identity'];
  const stray = Object.keys(given).find((name) => !known.includes(name));
  if (stray !== undefined)
    throw usageError(`${NAME} has a member ${JSON.stringify(stray)}`, `known are ${known.join(', ')}`);
  if (typeof issuer !== 'string' || issuer.length > 256 || !URL.canParse(issuer))
    throw unreadable(JSON.stringify(issuer));
  const url = new URL(issuer);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    throw usageError(
      `${NAME} names ${JSON.stringify(issuer)}, which is not https`,
      'use https; http is for an issuer on this machine',
    );
  if (url.username + url.password + url.search + url.hash !== '') throw unreadable(JSON.stringify(issuer));
  if (kind === undefined)
    throw usageError(
      `${NAME} names the kind ${JSON.stringify(given.kind)}`,
      `use one of ${TRUSTED_KINDS.join(', ')}`,
    );
  // As another kind, its jobs would be told by `sub`: by names, which are given to others.
  if (own !== undefined && kind !== own)
    throw usageError(
      `${NAME} gives ${JSON.stringify(issuer)} the kind ${kind}`,
      `leave it out, or write ${own}: its jobs are told by their numbers`,
    );
  if (audience !== undefined && (typeof audience !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(audience)))
    throw usageError(`${NAME} has an audience that is no text`, 'use 1 to 256 printable characters');
  return { issuer, kind, audience, identity: identityOf(kind, identity) };
}

/** The public services, and GitHub's issuers of single enterprises, are of their kind whatever is written. */
function kindOfHost(issuer: unknown): TrustedKind | undefined {
  if (typeof issuer !== 'string' || !URL.canParse(issuer)) return undefined;
  const { hostname } = new URL(issuer);
  if (/^token\.actions\.(?:githubusercontent\.com|[a-z0-9-]+\.ghe\.com)$/.test(hostname)) return 'github';
  return hostname === 'gitlab.com' ? 'gitlab' : undefined;
}

function identityOf(kind: TrustedKind, identity: unknown): readonly string[] | undefined {
  if (identity === undefined) return undefined;
  if (kind !== 'generic')
    throw usageError(
      `${NAME} gives ${kind} an identity of its own`,
      'leave it out: its kind knows which claims never change',
    );
  const isNames =
    Array.isArray(identity) && identity.every((name) => typeof name === 'string' && CLAIM.test(name));
  if (!isNames || identity.length === 0 || identity.length > 8)
    throw usageError(
      `${NAME} has an identity that is no list of 1 to 8 claims`,
      'name claims that the issuer never gives to another, such as ["sub"]',
    );
  return identity as readonly string[];
}

function unreadable(what: string) {
  return usageError(
    `${NAME} has ${what.slice(0, 200)}, which names no issuer`,
    'write ISSUER [KIND [AUDIENCE]], such as github, or https://gitlab.example.com gitlab',
  );
}
