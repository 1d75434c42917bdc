import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text } from './parts/fields.js';

export const document = defineDocument(
  'stage-reject',
  'A staged set that was thrown away.',
  Type.Object({
    registry: text('address of the registry'),
    id: text('its id'),
    versions: listOf(Type.String(), 'its versions, newest first'),
  }),
);

export type StageRejectJson = JsonOf<typeof document>;
