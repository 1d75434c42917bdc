import type { Context } from '../frame/context.js';
import { openKeyStore, type KeyPlace, type StoredKey } from './key-store.js';

/**
 * Notes beside our own keys what the log of a namespace says of them, so that commands which ask nobody can tell which of
 * them are of no use there. It is a note for people: what counts is the log, each time.
 */
export async function noteRevocations(
  context: Pick<Context, 'paths' | 'ui'>,
  place: KeyPlace,
  keys: readonly LoggedKey[],
): Promise<void> {
  try {
    await note(context, place, keys);
  } catch {
    // A disk that is read only, or a key file that is damaged, is no reason not to do what was asked for.
  }
}

/** A key as the log of a namespace has it. */
interface LoggedKey {
  readonly keyid: string;
  readonly revoked?: { readonly reason: string } | undefined;
}

async function note(
  context: Pick<Context, 'paths' | 'ui'>,
  place: KeyPlace,
  keys: readonly LoggedKey[],
): Promise<void> {
  const store = openKeyStore(context.paths.config(), context.ui.warn);
  for (const { name, publicKey, revoked } of await store.list()) {
    const logged = keys.find(({ keyid }) => keyid === publicKey.id);
    const before = revoked.find((each) => isSamePlace(each, place))?.reason;
    if (logged === undefined || logged.revoked?.reason === before) continue;
    const others = revoked.filter((each) => !isSamePlace(each, place));
    const now = logged.revoked === undefined ? [] : [{ ...place, reason: logged.revoked.reason }];
    await store.noteRevoked(name, [...others, ...now]);
  }
}

/** Whether a key is known to be revoked in one of the namespaces. */
export function isRevokedIn({ revoked }: Pick<StoredKey, 'revoked'>, places: readonly KeyPlace[]): boolean {
  return revoked.some((each) => places.some((place) => isSamePlace(each, place)));
}

function isSamePlace(one: KeyPlace, other: KeyPlace): boolean {
  return one.registry === other.registry && one.namespace === other.namespace;
}
