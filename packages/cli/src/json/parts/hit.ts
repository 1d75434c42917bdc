import { Type } from '@sinclair/typebox';
import { listOf, oneOf, text, time, whole, yesNo } from './fields.js';

export const hit = Type.Object({
  title: Type.Optional(text('its title')),
  description: Type.Optional(text('what it is for')),
  license: Type.Optional(text('SPDX expression of its licence')),
  exactName: Type.Optional(yesNo('the text names this workflow; such hits come first')),
  highlights: Type.Optional(
    Type.Object(
      {
        id: Type.Optional(listOf(Type.Tuple([Type.String(), Type.Boolean()]), 'its id')),
        title: Type.Optional(listOf(Type.Tuple([Type.String(), Type.Boolean()]), 'its title')),
        description: Type.Optional(listOf(Type.Tuple([Type.String(), Type.Boolean()]), 'what it is for')),
        tags: Type.Optional(listOf(Type.String(), 'the tags that matched')),
      },
      { description: 'texts in which the query matched; a text that is left out has no match' },
    ),
  ),
  id: text('its id'),
  version: text('the version'),
  state: oneOf(
    ['active', 'deprecated', 'quarantined', 'yanked'],
    'active, deprecated, yanked or quarantined',
  ),
  publishedAt: time('when it was published'),
  downloads: whole('counted in batches: minutes behind'),
  tags: listOf(Type.String(), 'its tags'),
  permissionKinds: listOf(Type.String(), 'kinds of permission that the version declares, such as `network`'),
});
