import { Type } from '@sinclair/typebox';
import { contents } from './parts/contents.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text } from './parts/fields.js';

export const document = defineDocument(
  'info-local',
  'A definition that lies here: the answer of `sheaf info` of a folder or a file; nothing of it is verified.',
  Type.Object({
    kind: oneOf(['file', 'folder'], 'a `.sheaf` file, or a working tree'),
    path: text('as it was named'),
    id: text('its id'),
    version: text('the version'),
    title: Type.Optional(text('its title')),
    description: Type.Optional(text('what it is for')),
    license: Type.Optional(text('SPDX expression of its licence')),
    homepage: Type.Optional(text('its home page')),
    tags: listOf(Type.String(), 'its tags'),
    digest: text('sha256 of the canonical tar'),
    ...contents,
    readme: Type.Optional(text('its README, when that was asked for')),
  }),
);

export type InfoLocalJson = JsonOf<typeof document>;
