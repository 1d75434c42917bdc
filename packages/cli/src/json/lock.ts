import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'lock',
  'What the lockfile holds now, and what changed.',
  Type.Object({
    action: oneOf(['checked', 'locked', 'refreshed'], 'what was done'),
    file: text('the file'),
    workflows: whole('how many entries the lockfile has'),
    written: yesNo('whether the file on disk is another now'),
    changes: listOf(
      Type.Union([
        Type.Object({
          kind: Type.Literal('added'),
          id: text('its id'),
          registry: text('address of the registry'),
          version: text('the version'),
        }),
        Type.Object({
          kind: Type.Literal('removed'),
          id: text('its id'),
          registry: text('address of the registry'),
          version: text('the version'),
        }),
        Type.Object({
          kind: Type.Literal('moved'),
          id: text('its id'),
          registry: text('address of the registry'),
          from: text('where it came from'),
          version: text('the version'),
        }),
      ]),
      'what changed since the version before',
    ),
    states: listOf(
      Type.Object({
        id: text('its id'),
        version: text('the version'),
        from: oneOf(['active', 'deprecated', 'quarantined', 'yanked'], 'where it came from'),
        to: oneOf(['active', 'deprecated', 'quarantined', 'yanked'], 'who is asked'),
        reason: Type.Optional(text('why')),
        replacement: Type.Optional(text('what to use instead')),
      }),
      'what became of locked releases since, under `--refresh`',
    ),
    refused: listOf(
      Type.Object({
        id: text('its id'),
        version: text('the version'),
        code: text('stable code, which `sheaf help CODE` explains'),
        message: text('one line, for people'),
        hint: Type.Optional(text('what to do')),
      }),
      'what was refused',
    ),
  }),
);

export type LockJson = JsonOf<typeof document>;
