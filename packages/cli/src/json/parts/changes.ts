import { PERMISSION_KINDS } from '@sheaf/workflow';
import { Type } from '@sinclair/typebox';
import { anything, listOf, oneOf, text, whole, yesNo } from './fields.js';

const change = oneOf(['added', 'removed', 'changed'], 'what became of it');

const permission = Type.Object({
  kind: oneOf(PERMISSION_KINDS, 'its kind'),
  value: text('the host, program, path or name'),
  neededBy: Type.Optional(
    Type.Object(
      {
        step: text('the first step that visibly uses it'),
        file: Type.Optional(text('where that is written')),
        line: Type.Optional(whole('its line there')),
      },
      { description: 'left out where no step names it' },
    ),
  ),
});

const entry = Type.Object({
  change,
  name: text('its name'),
  breaking: yesNo('whether who uses the workflow as before may fail'),
  fields: listOf(
    Type.Object({
      field: text('which member'),
      before: Type.Optional(anything('its value before')),
      after: Type.Optional(anything('its value now')),
    }),
    'what changed in it; empty for what came or went',
  ),
});

/** What two versions of a workflow differ in. */
export const changesFields = {
  signers: Type.Optional(
    Type.Object(
      {
        before: listOf(Type.String(), 'ids of the keys that signed before'),
        after: listOf(Type.String(), 'ids of the keys that sign now'),
      },
      { description: 'left out when they are the same, or a side is unsigned' },
    ),
  ),
  permissions: Type.Object({
    added: listOf(permission, 'what is newly asked for'),
    removed: listOf(permission, 'what is asked for no more'),
    kept: whole('how many are the same'),
  }),
  parameters: listOf(entry, 'parameters'),
  outputs: listOf(entry, 'outputs'),
  steps: listOf(entry, 'steps'),
  requirements: listOf(entry, 'tools that the machine must have'),
  dependencies: listOf(entry, 'workflows that it depends on'),
  files: listOf(
    Type.Object({
      change,
      path: text('its path'),
      beforeBytes: Type.Optional(whole('its size before')),
      afterBytes: Type.Optional(whole('its size now')),
      executable: Type.Optional(
        Type.Object(
          { before: yesNo('before'), after: yesNo('now') },
          { description: 'the executable bit, where it changed' },
        ),
      ),
    }),
    'files',
  ),
  filesKept: whole('how many files are the same'),
};
