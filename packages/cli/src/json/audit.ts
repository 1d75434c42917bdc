import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, time, whole } from './parts/fields.js';

export const document = defineDocument(
  'audit',
  'What was done in a registry, newest first.',
  Type.Object({
    registry: text('address of the registry'),
    records: listOf(
      Type.Object({
        namespace: Type.Optional(text('the namespace')),
        actor: Type.Optional(
          text('left out for what the registry did by itself, or its operator at the command line'),
        ),
        tokenId: Type.Optional(text('of the token that the request came with; never its secret')),
        workflow: Type.Optional(text('the workflow')),
        version: Type.Optional(text('the version')),
        requestId: Type.Optional(text('id of the request, for the operator')),
        logIndex: Type.Optional(
          whole(
            'where the log holds it; left out for what is in no log, or was withdrawn before it got there',
          ),
        ),
        at: time('when it happened'),
        action: text('what was done'),
        id: whole('its id'),
        detail: Type.Record(Type.String(), Type.String(), { description: 'one line, for people' }),
      }),
      'what was done, newest first',
    ),
  }),
);

export type AuditJson = JsonOf<typeof document>;
