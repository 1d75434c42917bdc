import type { Db } from '../../db/connection.js';
import { findNamespace } from '../../db/namespace-queries.js';
import { findUser } from '../../db/user-queries.js';
import { RegistryError } from '../error.js';

/** What every name of a user has; whatever else is asked for does not exist. */
const USER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** @throws RegistryError `user.not_found` */
export async function getUser(db: Db, name: string): Promise<{ readonly id: number; readonly name: string }> {
  const user = USER_NAME.test(name) ? await findUser(db, name) : undefined;
  if (!user)
    throw new RegistryError('user.not_found', `there is nobody named ${JSON.stringify(name.slice(0, 64))}`);
  return user;
}

/** @throws RegistryError `namespace.not_found` */
export async function getNamespace(db: Db, name: string) {
  const namespace = await findNamespace(db, name);
  if (!namespace) throw new RegistryError('namespace.not_found', `there is no namespace ${name}`);
  return namespace;
}
