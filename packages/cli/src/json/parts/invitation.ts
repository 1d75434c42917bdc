import { Type } from '@sinclair/typebox';
import { oneOf, text, time, whole, yesNo } from './fields.js';

export const invitation = Type.Object({
  transfer: Type.Optional(yesNo('the namespace changes its owner when this is accepted')),
  namespace: text('the namespace'),
  id: whole('its id'),
  user: text('the user'),
  role: oneOf(['maintainer', 'owner', 'publisher', 'reader'], 'the role'),
  invitedBy: text('who invited'),
  createdAt: time('when it was created'),
  expiresAt: time('when it ends'),
});
