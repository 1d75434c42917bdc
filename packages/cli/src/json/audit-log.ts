import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text, whole } from './parts/fields.js';

export const document = defineDocument(
  'audit-log',
  'How an audit of a log ended, after its entries (`sheaf.audit-event/1`, a line each).',
  Type.Object({
    registry: text('address of the registry'),
    realm: text('the log: `public`, or a private namespace'),
    entries: whole('how many entries were read'),
    unknown: whole('entries of a type that this version does not know'),
    shown: whole('how many were printed'),
    namespaces: whole('the namespaces'),
    refused: whole('what was refused'),
    size: whole('how many entries the log has'),
    root: text('root hash of the log, base64'),
    checkpoint: text('the checkpoint of the log, as it was signed'),
  }),
);

export type AuditLogJson = JsonOf<typeof document>;
