import { Type } from '@sinclair/typebox';
import { diagnostic } from './parts/diagnostic.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'pack',
  'A workflow that was packed.',
  Type.Object({
    id: text('its id'),
    version: text('the version'),
    digest: text('sha256 of the canonical tar'),
    sizeBytes: whole('size in bytes'),
    files: listOf(
      Type.Object({
        path: text('path of the file'),
        sizeBytes: whole('size in bytes'),
        executable: yesNo('whether it may be executed'),
      }),
      'files of the bundle',
    ),
    output: Type.Optional(
      Type.Object(
        {
          path: text('path of the file'),
          sizeBytes: whole('size in bytes'),
        },
        { description: 'the file or folder that was written' },
      ),
    ),
    signed: Type.Optional(
      Type.Object(
        {
          registry: text("the registry's origin that the signature is for"),
          keys: listOf(
            Type.Object({
              id: text('its id'),
              name: text('its name'),
            }),
            'the keys',
          ),
          signatures: whole('in the file now, of all who signed'),
        },
        { description: 'the file with its signatures, under --sign' },
      ),
    ),
    diagnostics: listOf(diagnostic, 'what was found in the definition'),
  }),
);

export type PackJson = JsonOf<typeof document>;
