import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, time, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'namespace-publisher',
  'The trusted publishers of a namespace.',
  Type.Object({
    registry: text('address of the registry'),
    namespace: text('the namespace'),
    action: oneOf(['add', 'list', 'remove'], 'what was done'),
    created: Type.Optional(yesNo('whether it was created')),
    removed: Type.Optional(text('what was removed')),
    publishers: listOf(
      Type.Object({
        workflow: Type.Optional(text('the workflow')),
        pending: Type.Optional(yesNo('the namespace is not there yet')),
        createdBy: Type.Optional(
          text('name of who added it; when they are no owner any more, it goes as well'),
        ),
        lastUsedAt: Type.Optional(time('when it was used last')),
        namespace: text('the namespace'),
        id: text('its id'),
        createdAt: time('when it was created'),
        kind: oneOf(['generic', 'github', 'gitlab'], 'its kind'),
        issuer: text('who issues the tokens'),
        claims: Type.Record(Type.String(), Type.String(), {
          description: 'what the tokens of the job must claim',
        }),
      }),
      'the trusted publishers',
    ),
  }),
);

export type NamespacePublisherJson = JsonOf<typeof document>;
