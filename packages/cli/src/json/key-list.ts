import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'key-list',
  'The keys on this machine, or those of a namespace as its log proves them.',
  Type.Union([
    Type.Object({
      keys: listOf(
        Type.Object({
          name: text('its name'),
          id: text('its id'),
          path: text('path of the file'),
          passphrase: yesNo('whether it is sealed by a passphrase'),
          keyring: yesNo('whether the keyring of the system keeps the passphrase'),
          revoked: listOf(
            Type.Object({
              registry: text('its origin'),
              namespace: text('the namespace'),
              reason: text('why'),
            }),
            'where it was revoked when the log was last read from here; with a namespace, the log is read',
          ),
        }),
        'the keys',
      ),
    }),
    Type.Object({
      namespace: text('the namespace'),
      registry: text('address of the registry'),
      threshold: whole('how many keys must sign'),
      policyIndex: Type.Optional(whole('log index of the policy')),
      logSize: whole('how many entries the log has'),
      keys: listOf(
        Type.Object({
          id: text('its id'),
          name: Type.Optional(text('what it is called here, when its private half is here')),
          addedIndex: whole('where the log holds its registration'),
          by: listOf(Type.String(), 'who did it'),
          recovery: yesNo('whether it was a recovery'),
          first: yesNo('whether it is the first one'),
          revoked: Type.Optional(
            Type.Object(
              {
                index: whole('its place in the log'),
                reason: text('why'),
                fromIndex: Type.Optional(whole('log index from which its signatures do not count')),
              },
              { description: 'its revocation' },
            ),
          ),
        }),
        'the keys',
      ),
    }),
  ]),
);

export type KeyListJson = JsonOf<typeof document>;
