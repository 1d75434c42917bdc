import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, time, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'artifacts',
  'The files that a run has kept.',
  Type.Object({
    runId: text('the run'),
    artifacts: listOf(
      Type.Object({
        name: text('its name in the definition'),
        path: text('what it was in the workspace'),
        sizeBytes: whole('its size, bytes'),
        sha256: text('sha256 of its bytes, in hexadecimal digits'),
        expiresAt: Type.Optional(time('until when it is kept; missing: as long as the run')),
        file: text('the copy that was kept'),
        here: yesNo('whether that is still there'),
        copy: Type.Optional(text('where --out has copied it to')),
      }),
      'in the order in which they were kept',
    ),
  }),
);

export type ArtifactsJson = JsonOf<typeof document>;
