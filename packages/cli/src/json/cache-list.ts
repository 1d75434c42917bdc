import { Type } from '@sinclair/typebox';
import { cachedWorkflow } from './parts/cached.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, whole } from './parts/fields.js';

export const document = defineDocument(
  'cache-list',
  'What is in the cache, unverified.',
  Type.Object({
    dir: text('folder of the cache'),
    sizeBytes: whole('all files in it'),
    leftovers: whole('files of downloads that were cut, or go on'),
    workflows: listOf(cachedWorkflow, 'used last comes first'),
  }),
);

export type CacheListJson = JsonOf<typeof document>;
