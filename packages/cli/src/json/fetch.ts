import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { amount, listOf, text, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'fetch',
  'A workflow that was fetched and verified.',
  Type.Object({
    files: whole('files of the bundle'),
    blobSizeBytes: whole('size of the packed bundle'),
    fromCache: yesNo('whether nothing was downloaded'),
    durationMs: amount('how long it took'),
    output: Type.Optional(text('the file or folder that was written')),
    warnings: listOf(Type.String(), 'what to look at, or how many there are'),
    id: text('its id'),
    version: text('the version'),
    digest: text('sha256 of the canonical tar'),
    signers: listOf(Type.String(), 'who signed it'),
    logIndex: whole('its place in the log'),
    checkpoint: Type.Object(
      {
        size: whole('how many entries the log has'),
      },
      { description: 'the checkpoint of the log, as it was signed' },
    ),
    registry: text('address of the registry'),
    state: text('of the release, as the log proves it'),
    offline: yesNo('whether no network was used'),
  }),
);

export type FetchJson = JsonOf<typeof document>;
