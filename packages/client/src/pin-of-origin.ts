import { ClientError } from './errors.js';
import { type Pin, type RealmSeen } from './pin.js';

/** Which of the pins of an origin is meant. */
export interface PinChoice {
  /** The address to prefer. */
  readonly url?: string | undefined;
  /** Log keys that somebody of this machine has named for the origin: of several that are pinned, these count. */
  readonly logKeys?: readonly string[] | undefined;
}

/**
 * The pin of a registry that is known by its origin alone. Addresses at which one log key was accepted are one
 * registry: what is answered is the pin at `url`, else the one that was made first, with what was seen of the logs at
 * any of them.
 *
 * @throws ClientError `log.origin_taken` when several keys were accepted for the origin and nothing says which counts
 */
export function pinOfOrigin(
  pins: readonly Pin[],
  origin: string,
  { url, logKeys = [] }: PinChoice = {},
): Pin | undefined {
  const named = pins.filter((pin) => pin.origin === origin).sort(byAge);
  const [first] = named;
  const other = named.find(({ logKey }) => logKey !== first?.logKey);
  const counting =
    other === undefined || logKeys.length === 0
      ? named
      : named.filter(({ logKey }) => logKeys.includes(logKey));
  const chosen = counting.find((pin) => pin.url === url) ?? counting[0];
  if (first === undefined || chosen === undefined) return undefined;
  const isPlain = chosen.url === url || counting.every(({ logKey }) => logKey === chosen.logKey);
  if (other !== undefined && !isPlain) throw severalKeys(first, other);
  return addressesOf(pins, chosen).reduce(unite, chosen);
}

/** The other pins of the registry that a pin is of: the same origin under the same log key. */
export function addressesOf(pins: readonly Pin[], { url, origin, logKey }: Pin): readonly Pin[] {
  return pins.filter((pin) => pin.url !== url && pin.origin === origin && pin.logKey === logKey);
}

function byAge(a: Pin, b: Pin): number {
  const [first, second] = [`${a.pinnedAt} ${a.url}`, `${b.pinnedAt} ${b.url}`];
  return first < second ? -1 : 1;
}

/** A log that was seen longer at another address may not be shorter here. */
function unite(pin: Pin, other: Pin): Pin {
  const realms = new Map(pin.realms);
  for (const [realm, seen] of other.realms) {
    const known = realms.get(realm);
    if (known === undefined || isNewer(seen, known)) realms.set(realm, seen);
  }
  return { ...pin, realms, namespaces: new Map([...other.namespaces, ...pin.namespaces]) };
}

function isNewer(seen: RealmSeen, known: RealmSeen): boolean {
  const [size, knownSize] = [sizeOf(seen), sizeOf(known)];
  return size === knownSize ? seen.checkedAt > known.checkedAt : size > knownSize;
}

/** The second line of a checkpoint, as it was verified when it was stored. */
function sizeOf({ checkpoint }: RealmSeen): number {
  return Number(checkpoint.split('\n', 2)[1] ?? 0);
}

function severalKeys(first: Pin, second: Pin): ClientError {
  const mend = (right: Pin, wrong: Pin) =>
    `if that of ${right.url}, sheaf login ${wrong.url} --replace-log-key ${right.logKey}`;
  return new ClientError(
    'log.origin_taken',
    `${first.origin} is pinned under two log keys: one at ${first.url}, another at ${second.url}`,
    {
      hint: `ask its operator another way which is right; ${mend(first, second)}; ${mend(second, first)}; or name it in a [[registry]] of trust.toml`,
    },
  );
}
