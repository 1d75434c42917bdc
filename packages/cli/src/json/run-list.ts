import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text } from './parts/fields.js';

export const document = defineDocument(
  'run-list',
  'What there is to run here: the answer of `sheaf run` without a name.',
  Type.Object({
    file: text('the sheaf.toml that was found'),
    workflows: listOf(
      Type.Object({
        name: text('the short name'),
        reference: text('what it stands for'),
        version: Type.Optional(text('the version that runs; left out while none is locked that fits')),
        state: Type.Optional(text('its state when it was locked or refreshed')),
        description: Type.Optional(text('what its definition says of it, where the cache has that')),
        locked: listOf(
          Type.Object({
            version: text('the version'),
            state: text('its state when it was locked'),
          }),
          'versions that are locked of this workflow',
        ),
      }),
      'what sheaf.toml names',
    ),
  }),
);

export type RunListJson = JsonOf<typeof document>;
