import { Type } from '@sinclair/typebox';
import { listOf, text, time } from './fields.js';

export const token = Type.Object({
  expiresAt: Type.Optional(time('when it ends')),
  name: text('its name'),
  id: text('its id'),
  scopes: listOf(Type.String(), 'what it may do'),
});
