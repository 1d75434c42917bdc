import { Type } from '@sinclair/typebox';
import { changesFields } from './parts/changes.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, yesNo } from './parts/fields.js';
import { lockChange, refusedEntry } from './parts/project.js';
import { surveyRow } from './parts/survey.js';

const before = Type.Optional(text('what it said before, where that is another'));

export const document = defineDocument(
  'upgrade',
  'What moved to a newer version, what did not and why.',
  Type.Object({
    file: text('the `sheaf.toml`'),
    lockFile: text('the `sheaf.lock`'),
    dryRun: yesNo(
      'whether nothing was to be written: `--check`, which fetches nothing either, or `--dry-run`',
    ),
    workflows: listOf(surveyRow, 'the names that were asked for, as they were before'),
    upgrades: listOf(
      Type.Object({
        name: text('the short name'),
        from: text('the version before'),
        to: text('the version that it moves to, verified unless it is refused'),
        outcome: oneOf(
          ['upgraded', 'would_upgrade', 'kept', 'not_approved', 'refused'],
          '`kept`: the answer was no; `not_approved`: nobody could be asked; `refused`: verification or policy',
        ),
        reference: Type.Optional(text('what `sheaf.toml` says then')),
        before,
        changes: Type.Optional(Type.Object(changesFields, { description: 'what differs between the two' })),
        code: Type.Optional(text('why it was refused, as the code of an error')),
        message: Type.Optional(text('why, in one line')),
      }),
      'the names that have something to move to',
    ),
    projectWritten: yesNo('whether `sheaf.toml` is another now'),
    lockWritten: yesNo('whether `sheaf.lock` is another now'),
    changes: listOf(lockChange, 'what moved in `sheaf.lock`'),
    refused: listOf(refusedEntry, 'other names that stay at what is locked, because it is refused by now'),
  }),
);

export type UpgradeJson = JsonOf<typeof document>;
