import { Type } from '@sinclair/typebox';
import { text, time, whole, yesNo } from './fields.js';

/** A workflow in the cache. */
export const cachedWorkflow = Type.Object({
  id: Type.Optional(text('`namespace/name`; absent when no receipt is here that names the bundle')),
  version: Type.Optional(text('version; absent with `id`')),
  digest: Type.Optional(text('digest of the tar; absent with `id`')),
  blob: text('digest of the bundle, which is what the cache keeps it under'),
  complete: yesNo('whether the bundle is here, and not its receipt alone'),
  registry: Type.Optional(text('address of the registry, when its log key is pinned here')),
  sizeBytes: whole('bundle and receipts; 0 for the second and further names of one bundle'),
  usedAt: time('when it was used last'),
  pinned: yesNo('whether the sheaf.lock of the working directory holds it'),
});
