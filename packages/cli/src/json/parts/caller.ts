import { Type } from '@sinclair/typebox';
import { listOf, text, time, yesNo } from './fields.js';
import { token } from './token.js';

/** Whom a registry takes somebody for. */
export const callerFields = {
  via: Type.Optional(
    text(
      'how the caller was recognised: a personal access token, a sign-in at the identity provider, trusted publishing',
    ),
  ),
  authenticatedAt: Type.Optional(
    time('when the caller last signed in at the identity provider, where that is known'),
  ),
  namespaces: listOf(
    Type.Object({
      name: text('its name'),
      role: text('the role'),
    }),
    'the namespaces',
  ),
  user: text('the user'),
  token: Type.Object(token.properties, { description: 'the token' }),
  admin: yesNo('whether the user administers the registry'),
};
