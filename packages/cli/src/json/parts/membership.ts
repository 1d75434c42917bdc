import { Type } from '@sinclair/typebox';
import { oneOf, text } from './fields.js';

export const membership = Type.Object({
  name: text('its name'),
  role: oneOf(['maintainer', 'owner', 'publisher', 'reader'], 'the role'),
  visibility: oneOf(['private', 'public'], 'public or private'),
});
