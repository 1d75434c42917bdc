import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { anything, text, whole } from './parts/fields.js';

export const document = defineDocument(
  'audit-event',
  'An entry of a log, a line each from `sheaf audit-log --json`.',
  Type.Object({
    index: whole('its place in the log'),
    time: text('when it was logged: RFC 3339 in UTC, or seconds that no date can hold'),
    namespace: text('the namespace it is about'),
    type: text('its type, such as `publish`'),
    leaf: Type.Optional(anything('the entry as it stands in the log, when this version knows its type')),
  }),
);

export type AuditEventJson = JsonOf<typeof document>;
