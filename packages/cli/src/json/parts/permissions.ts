import { Type } from '@sinclair/typebox';
import { listOf } from './fields.js';

export const permissions = Type.Object({
  network: listOf(Type.String(), 'hosts that it may reach'),
  exec: listOf(Type.String(), 'programs that it may run'),
  read: listOf(Type.String(), 'paths that it may read'),
  write: listOf(Type.String(), 'paths that it may write'),
  secrets: listOf(Type.String(), 'secrets that it asks for'),
});
