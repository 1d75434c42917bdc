import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text, time, whole } from './parts/fields.js';

export const document = defineDocument(
  'policy-sign',
  'A policy that was signed.',
  Type.Object({
    file: text('the signed policy'),
    version: whole('its version'),
    expiresAt: Type.Optional(time('when it ends')),
    key: Type.Object(
      { id: text('its id'), name: text('what it is called here') },
      { description: 'the key' },
    ),
    publicKey: text('subjectPublicKeyInfo, DER, base64: what a trust.toml pins as `policy_keys`'),
  }),
);

export type PolicySignJson = JsonOf<typeof document>;
