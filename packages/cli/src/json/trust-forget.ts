import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, time, whole } from './parts/fields.js';

export const document = defineDocument(
  'trust-forget',
  'A registry whose log key is not pinned any more.',
  Type.Object({
    registry: text('address of the registry'),
    origin: text('the origin of the registry, which its log is named by'),
    logKey: text('the key that was pinned, in the form of signed notes'),
    pinnedAt: time('since when it was'),
    logs: listOf(
      Type.Object({
        realm: text('the log: `public`, or a private namespace'),
        size: whole('how many entries it had when it was seen last'),
      }),
      'what was seen of its logs, and is forgotten',
    ),
    forgotten: listOf(Type.String(), 'namespaces whose publishers were accepted there, and are forgotten'),
    others: listOf(Type.String(), 'other addresses at which the same key stays pinned'),
  }),
);

export type TrustForgetJson = JsonOf<typeof document>;
