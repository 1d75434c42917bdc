import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, whole, yesNo } from './parts/fields.js';
import { lockChange, refusedEntry } from './parts/project.js';

export const document = defineDocument(
  'lock',
  'What the lockfile holds now, and what changed.',
  Type.Object({
    action: oneOf(['checked', 'locked', 'refreshed'], 'what was done'),
    file: text('the file'),
    entries: whole('how many entries the lockfile has'),
    lockWritten: yesNo('whether the file on disk is another now'),
    changes: listOf(lockChange, 'what moved in it'),
    states: listOf(
      Type.Object({
        id: text('its id'),
        version: text('the version'),
        from: oneOf(
          ['active', 'deprecated', 'quarantined', 'yanked'],
          'its state when it was locked or refreshed last',
        ),
        to: oneOf(['active', 'deprecated', 'quarantined', 'yanked'], 'its state now'),
        reason: Type.Optional(text('why')),
        replacement: Type.Optional(text('what to use instead')),
      }),
      'what became of locked releases since, under `--refresh`',
    ),
    refused: listOf(
      refusedEntry,
      'what may no longer be used, or stays because what would be locked in its place is refused',
    ),
  }),
);

export type LockJson = JsonOf<typeof document>;
