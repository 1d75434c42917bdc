import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, whole } from './parts/fields.js';

export const document = defineDocument(
  'stage-approve',
  'A staged set that got one more signature.',
  Type.Object({
    registry: text('address of the registry'),
    id: text('its id'),
    status: oneOf(['published', 'waiting'], 'how it ended'),
    key: Type.Object(
      {
        id: text('its id'),
        name: text('its name'),
      },
      { description: 'the key' },
    ),
    versions: listOf(
      Type.Object({
        id: text('its id'),
        version: text('the version'),
        digest: text('sha256 of the canonical tar'),
        changes: listOf(Type.String(), 'what changed since the version before'),
        logIndex: Type.Optional(whole('its place in the log')),
      }),
      'its versions, newest first',
    ),
  }),
);

export type StageApproveJson = JsonOf<typeof document>;
