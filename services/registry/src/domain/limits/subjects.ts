import type { Db } from '../../db/connection.js';
import { findNamespaceName, findUserName } from '../../db/limit-queries.js';
import { findNamespace } from '../../db/namespace-queries.js';
import { findToken } from '../../db/token-queries.js';
import { findUser } from '../../db/user-queries.js';
import { RegistryError } from '../error.js';

/** Who is limited: a namespace or a person, by their names, or a token, by its id. */
export type LimitSubject =
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'token'; readonly id: string };

/** How a namespace is called in the tables of limits and usage. */
export function namespaceSubject(namespaceId: number): string {
  return `ns:${namespaceId}`;
}

/** How a token is called there. */
export function tokenSubject(tokenId: string): string {
  return `token:${tokenId}`;
}

/** How a person is called there. */
export function userSubject(userId: number): string {
  return `user:${userId}`;
}

/**
 * How a subject is called there.
 *
 * @throws RegistryError `namespace.not_found`, `user.not_found`, `auth.token_invalid` for a token that is not there
 */
export async function subjectKey(db: Db, subject: LimitSubject): Promise<string> {
  switch (subject.kind) {
    case 'namespace': {
      const namespace = await findNamespace(db, subject.name);
      if (!namespace) throw new RegistryError('namespace.not_found', `there is no namespace ${subject.name}`);
      return namespaceSubject(namespace.id);
    }
    case 'user': {
      const user = await findUser(db, subject.name);
      if (!user)
        throw new RegistryError('user.not_found', `there is nobody called ${JSON.stringify(subject.name)}`);
      return userSubject(user.id);
    }
    case 'token':
      if (!(await findToken(db, subject.id)))
        throw new RegistryError('auth.token_invalid', 'there is no token with this id', {
          hint: 'give the id of the token, 16 hex digits behind token:, as sheaf token list and the audit show it',
        });
      return tokenSubject(subject.id);
  }
}

/** Which subject is called so there. */
export async function subjectOf(db: Db, key: string): Promise<LimitSubject> {
  const id = key.slice(key.indexOf(':') + 1);
  if (key.startsWith('token:')) return { kind: 'token', id };
  if (key.startsWith('user:')) return { kind: 'user', name: (await findUserName(db, Number(id))) ?? id };
  return { kind: 'namespace', name: (await findNamespaceName(db, Number(id))) ?? id };
}
