import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, whole, yesNo } from './parts/fields.js';
import { hit } from './parts/hit.js';

export const document = defineDocument(
  'search',
  'What was found.',
  Type.Object({
    sort: oneOf(['downloads', 'name', 'recent', 'relevance'], 'the order of the hits'),
    nextCursor: Type.Optional(text('what the next page begins with')),
    total: whole('how many workflows match; at most 1,000 are looked at'),
    totalIsExact: yesNo('false when more than `total` match'),
    hits: listOf(hit, 'what was found, best first'),
    near: listOf(hit, 'what is spelled or described nearly like the text, only when nothing matched'),
    facets: Type.Optional(
      Type.Object(
        {
          permissions: listOf(
            Type.Object({
              value: text('the value'),
              workflows: whole('the workflows'),
            }),
            'what it may do',
          ),
          tags: listOf(
            Type.Object({
              value: text('the value'),
              workflows: whole('the workflows'),
            }),
            'its tags',
          ),
          owners: listOf(
            Type.Object({
              value: text('the value'),
              workflows: whole('the workflows'),
            }),
            'how many there are of each owner',
          ),
          licenses: listOf(
            Type.Object({
              value: text('the value'),
              workflows: whole('the workflows'),
            }),
            'how many there are of each licence',
          ),
          states: listOf(
            Type.Object({
              value: text('the value'),
              workflows: whole('the workflows'),
            }),
            'how many there are in each state',
          ),
        },
        { description: 'on the first page only' },
      ),
    ),
    query: text('the search text'),
    filters: listOf(Type.String(), 'filters as they were given, such as `--tag git`'),
  }),
);

export type SearchJson = JsonOf<typeof document>;
