import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, time, whole } from './parts/fields.js';

export const document = defineDocument(
  'policy-verify',
  'A signed policy that a pinned key has signed.',
  Type.Object({
    file: text('the file'),
    version: whole('its version'),
    expiresAt: Type.Optional(time('when it ends')),
    signers: listOf(Type.String(), 'ids of the pinned keys that signed it'),
    sha256: text('sha256 of what was signed'),
  }),
);

export type PolicyVerifyJson = JsonOf<typeof document>;
