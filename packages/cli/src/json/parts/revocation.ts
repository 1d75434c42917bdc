import { Type } from '@sinclair/typebox';
import { oneOf, text, whole } from './fields.js';

export const revocation = Type.Object({
  logIndex: whole('its place in the log'),
  reason: oneOf(['compromised', 'superseded'], 'why'),
  keyid: text('id of the key'),
});
