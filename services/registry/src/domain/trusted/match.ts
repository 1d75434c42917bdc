import { RegistryError } from '../error.js';
import type { IdentityToken } from './identity-token.js';
import { kindOf, type IssuerKind } from './kinds.js';
import { matchesPattern } from './pattern.js';

/** What of a trusted publisher decides whether a token is its. */
export interface PublisherRule {
  readonly id: string;
  readonly workflow: string | null;
  readonly issuer: string;
  readonly claims: Readonly<Record<string, string>>;
}

/** What somebody with a token asks to publish. */
export interface Wanted {
  readonly namespace: string;
  readonly name?: string | undefined;
  /** Whether strangers may know that the namespace has publishers. */
  readonly isPublic: boolean;
}

/**
 * The trusted publisher that a token is of: the ids that never change first, then everything else. One that is bound to
 * the workflow comes before one for all of them; where several are to be published, it is the other way round.
 *
 * @throws RegistryError `oidc.no_publisher`, `oidc.identity_mismatch`, `oidc.claims_mismatch`
 */
export function matchPublisher<R extends PublisherRule>(
  publishers: readonly R[],
  token: Pick<IdentityToken, 'issuer' | 'claims'>,
  wanted: Wanted,
): R {
  const { identity, refused } = kindOf(token.issuer);
  const ofIssuer = publishers.filter(
    ({ issuer, workflow }) =>
      issuer === token.issuer.issuer &&
      (workflow === null || wanted.name === undefined || workflow === wanted.name),
  );
  const where = wanted.name === undefined ? wanted.namespace : `${wanted.namespace}/${wanted.name}`;
  const said = describe(token, identity);
  const none = () =>
    new RegistryError(
      'oidc.no_publisher',
      `nobody with ${said} of ${token.issuer.issuer} is a trusted publisher of ${where}`,
    );
  if (ofIssuer.length === 0) throw none();
  const same = ofIdentity(ofIssuer, token);
  if (same.length === 0) {
    if (!wanted.isPublic) throw none();
    throw new RegistryError(
      'oidc.identity_mismatch',
      `the token is of ${said}, and no trusted publisher of ${where} is`,
    );
  }
  const fitting = same.filter(({ claims }) => findMismatch(claims, token, refused) === undefined);
  const order = wanted.name === undefined ? -1 : 1;
  const [found] = [...fitting].sort(
    (a, b) => order * (Number(a.workflow === null) - Number(b.workflow === null)),
  );
  if (found !== undefined) return found;
  const wrong = [...new Set(same.flatMap(({ claims }) => findMismatch(claims, token, refused) ?? []))];
  throw new RegistryError(
    'oidc.claims_mismatch',
    `the token has ${describe(token, wrong)}, and no trusted publisher of ${where} takes that`,
  );
}

/** Those of the token's issuer that name exactly its holder, whatever else they ask for. */
export function ofIdentity<R extends PublisherRule>(
  publishers: readonly R[],
  token: Pick<IdentityToken, 'issuer' | 'claims'>,
): readonly R[] {
  const { identity } = kindOf(token.issuer);
  return publishers.filter(
    ({ issuer, claims }) =>
      issuer === token.issuer.issuer && identity.every((name) => isExactly(claims, token, name)),
  );
}

/** The first claim that is not as the publisher says, or is what nobody gets who was not named. */
function findMismatch(
  claims: PublisherRule['claims'],
  token: Pick<IdentityToken, 'claims'>,
  refused: IssuerKind['refused'],
): string | undefined {
  const unasked = Object.entries(refused).find(
    ([name, pattern]) =>
      !Object.hasOwn(claims, name) && matchesPattern(pattern, token.claims.get(name) ?? ''),
  );
  if (unasked !== undefined) return unasked[0];
  return Object.entries(claims).find(([name, pattern]) => {
    const value = token.claims.get(name);
    return value === undefined || !matchesPattern(pattern, value);
  })?.[0];
}

function isExactly(
  claims: PublisherRule['claims'],
  token: Pick<IdentityToken, 'claims'>,
  name: string,
): boolean {
  const value = token.claims.get(name);
  return value !== undefined && Object.hasOwn(claims, name) && claims[name] === value;
}

/** What the token says of its own holder, who is the one that reads this. */
function describe({ claims }: Pick<IdentityToken, 'claims'>, names: readonly string[]): string {
  return names.map((name) => `${name}=${claims.get(name) ?? '(nothing)'}`).join(' ');
}
