import { Type } from '@sinclair/typebox';
import { cachedWorkflow } from './parts/cached.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'cache-clean',
  'What was removed from the cache, or would be.',
  Type.Object({
    dir: text('folder of the cache'),
    dryRun: yesNo('whether nothing was removed'),
    removed: listOf(cachedWorkflow, 'what was removed, or would be'),
    leftovers: whole('files of cut downloads, unreadable receipts and the like among what was removed'),
    removedBytes: whole('size of all that was removed'),
    inUse: listOf(cachedWorkflow, 'what stays because another process uses it now'),
    sizeBytes: whole('size of the cache afterwards'),
  }),
);

export type CacheCleanJson = JsonOf<typeof document>;
