import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, time, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'stage-list',
  'What waits for another signature.',
  Type.Object({
    registry: text('address of the registry'),
    stages: listOf(
      Type.Object({
        createdBy: Type.Optional(text('name of who staged it; left out for a trusted publisher')),
        id: text('its id'),
        versions: listOf(
          Type.Object({
            id: text('its id'),
            version: text('the version'),
            digest: text('sha256 of the canonical tar'),
            sizeBytes: whole('size in bytes'),
            blobSizeBytes: whole('size of the packed bundle'),
            signers: listOf(Type.String(), 'keys of the namespace that have signed'),
            threshold: whole('how many of them it takes'),
            envelope: Type.Object(
              {
                signatures: listOf(
                  Type.Object({
                    keyid: Type.Optional(text('id of the key')),
                    sig: text('the signature, base64'),
                  }),
                  'the signatures',
                ),
                payload: text('the statement, base64'),
                payloadType: text('type of the statement'),
              },
              { description: 'DSSE envelope with the signatures so far; what an approver signs as well' },
            ),
          }),
          'its versions, newest first',
        ),
        createdAt: time('when it was created'),
        expiresAt: time('when it ends'),
        forced: yesNo('accepts that an interface breaks'),
      }),
      'what waits for another signature',
    ),
  }),
);

export type StageListJson = JsonOf<typeof document>;
