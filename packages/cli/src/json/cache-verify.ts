import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { amount, listOf, oneOf, text, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'cache-verify',
  'What a look at every byte of the cache found; exit 3 when anything was damaged.',
  Type.Object({
    dir: text('folder of the cache'),
    blobs: whole('bundles that were read'),
    receipts: whole('receipts that were read'),
    sizeBytes: whole('bytes that were read'),
    unpinned: whole('receipts of registries whose log key is not pinned here, which were not checked'),
    damaged: listOf(
      Type.Object({
        path: text('where it lies, or lay'),
        what: oneOf(['blob', 'receipt'], 'what it was kept as'),
        name: text('`namespace/name version`, or the digest of a bundle'),
        code: text('code of the check that failed'),
        message: text('what is wrong'),
      }),
      'what is not what its name says',
    ),
    dropped: yesNo('whether that was removed'),
    durationMs: amount('how long it took'),
  }),
);

export type CacheVerifyJson = JsonOf<typeof document>;
