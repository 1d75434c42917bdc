import { Type } from '@sinclair/typebox';
import { Check } from '@sinclair/typebox/value';
import { PUBLIC_REALM, type Pin, type RealmSeen } from './pin.js';
import { parseBounded } from './registry/json.js';

/** A pin with the logs of some hundred private namespaces. */
export const MAX_PIN_BYTES = 1024 * 1024;

const closed = { additionalProperties: false } as const;
const base = { url: Type.String(), origin: Type.String(), logKey: Type.String(), pinnedAt: Type.String() };

/** Knows the public log alone. */
const FirstSchema = Type.Object(
  { v: Type.Literal(1), ...base, checkpoint: Type.Union([Type.String(), Type.Null()]) },
  closed,
);

const SecondSchema = Type.Object(
  {
    v: Type.Literal(2),
    ...base,
    realms: Type.Array(
      Type.Object({ realm: Type.String(), checkpoint: Type.String(), checkedAt: Type.String() }, closed),
    ),
    namespaces: Type.Array(Type.Object({ namespace: Type.String(), realm: Type.String() }, closed)),
  },
  closed,
);

/** In the place of a pin that was taken back: the number of its generation stays in use. */
const ForgottenSchema = Type.Object(
  { v: Type.Literal(2), url: Type.String(), forgottenAt: Type.String() },
  closed,
);

/** The bytes that say that nothing is pinned for an address any more. */
export function encodeForgotten(url: string, forgottenAt: string): Uint8Array {
  return Buffer.from(`${JSON.stringify({ v: 2, url, forgottenAt }, null, 2)}\n`);
}

/** The address whose pin was taken back; undefined when the bytes say nothing of the kind. */
export function findForgottenIn(bytes: Uint8Array): string | undefined {
  const value = parseBounded(bytes);
  return Check(ForgottenSchema, value) ? value.url : undefined;
}

/** The bytes of a pin, format 2. */
export function encodePin({ url, origin, logKey, pinnedAt, realms, namespaces }: Pin): Uint8Array {
  const value = {
    v: 2,
    url,
    origin,
    logKey,
    pinnedAt,
    realms: [...realms].map(([realm, seen]) => ({ realm, ...seen })),
    namespaces: [...namespaces].map(([namespace, realm]) => ({ namespace, realm })),
  };
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

/** Reads format 2, and format 1 as what it says of the public log; undefined when the bytes are no pin. */
export function findPinIn(bytes: Uint8Array): Pin | undefined {
  const value = parseBounded(bytes);
  if (Check(FirstSchema, value)) {
    const { url, origin, logKey, pinnedAt, checkpoint } = value;
    const realms = new Map<string, RealmSeen>();
    // When it was seen is not known: no earlier than the pin was made.
    if (checkpoint !== null) realms.set(PUBLIC_REALM, { checkpoint, checkedAt: pinnedAt });
    return { url, origin, logKey, pinnedAt, realms, namespaces: new Map() };
  }
  if (!Check(SecondSchema, value)) return undefined;
  const { url, origin, logKey, pinnedAt } = value;
  const realms = new Map(
    value.realms.map(({ realm, checkpoint, checkedAt }) => [realm, { checkpoint, checkedAt }]),
  );
  const namespaces = new Map(value.namespaces.map(({ namespace, realm }) => [namespace, realm]));
  if (realms.size !== value.realms.length || namespaces.size !== value.namespaces.length) return undefined;
  return { url, origin, logKey, pinnedAt, realms, namespaces };
}
