import { Type } from '@sinclair/typebox';
import { changesFields } from './parts/changes.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, whole, yesNo } from './parts/fields.js';

const side = Type.Object({
  kind: oneOf(['published', 'file', 'folder'], 'where it is'),
  id: text('namespace/name'),
  version: text('its version'),
  digest: text('its digest'),
  verified: yesNo('whether log, signature and every byte were verified'),
  path: Type.Optional(text('of a file or a folder, as it was named')),
  signers: Type.Optional(listOf(Type.String(), 'ids of the keys that signed it')),
});

const range = Type.Object({ start: whole('first line, from 1'), count: whole('how many') });

export const document = defineDocument(
  'diff',
  'What two versions of a workflow differ in.',
  Type.Object({
    before: Type.Optional(side),
    after: side,
    same: yesNo('whether nothing differs'),
    ...changesFields,
    patches: Type.Optional(
      listOf(
        Type.Object({
          path: text('the file'),
          omitted: Type.Optional(oneOf(['binary', 'too_large'], 'why there are no lines')),
          hunks: listOf(
            Type.Object({
              before: range,
              after: range,
              lines: listOf(Type.String(), 'each begins with a space, `-` or `+`'),
            }),
            'what changed, with three lines around it',
          ),
        }),
        'with `--patch`',
      ),
    ),
  }),
);

export type DiffJson = JsonOf<typeof document>;
