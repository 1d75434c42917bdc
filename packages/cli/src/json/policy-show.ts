import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, time, whole } from './parts/fields.js';
import { runLimits } from './parts/run-policy.js';

export const document = defineDocument(
  'policy-show',
  'What runs here are held to. All of the files count.',
  Type.Object({
    policies: listOf(
      Type.Object({
        layer: oneOf(['machine', 'project', 'user'], 'whose it is'),
        version: Type.Optional(whole('grows with each that is signed; missing for a project')),
        expiresAt: Type.Optional(time('when it ends')),
        signers: Type.Optional(listOf(Type.String(), 'ids of the pinned keys that signed it')),
        ...runLimits.properties,
      }),
      'the files that were found',
    ),
  }),
);

export type PolicyShowJson = JsonOf<typeof document>;
