import { Type } from '@sinclair/typebox';
import { listOf, oneOf, text, time, whole, yesNo } from './fields.js';

/** A namespace with its keys, and the registry that it is of. */
export const namespaceFields = {
  registry: text('address of the registry'),
  role: Type.Optional(text("the caller's role there, when signed in")),
  endorsed: Type.Optional(
    listOf(
      Type.String(),
      'in the answer to a revocation as compromised: the active keys that the key vouched for from that index on, itself or through others. Whoever revoked it must check that they are theirs',
    ),
  ),
  realm: text('the log that holds the namespace'),
  name: text('its name'),
  keys: listOf(
    Type.Object({
      revoked: Type.Optional(
        Type.Object(
          {
            fromIndex: Type.Optional(
              whole('with `compromised`: publishes by the key from this index of the log on are refused'),
            ),
            at: time('when it happened'),
            logIndex: whole('its place in the log'),
            reason: oneOf(['compromised', 'superseded'], 'why'),
          },
          { description: 'of several revocations the newest, which refuses the most' },
        ),
      ),
      recovery: Type.Optional(yesNo('added by fresh authentication instead of the keys before it')),
      id: text('its id'),
      logIndex: whole('its place in the log'),
      publicKey: text('subjectPublicKeyInfo, DER, base64'),
      addedAt: time('when it was added'),
    }),
    'in the order of the log; revoked keys stay listed',
  ),
  visibility: oneOf(['private', 'public'], 'public or private'),
  threshold: whole('how many keys must sign a publish or a key event'),
};
