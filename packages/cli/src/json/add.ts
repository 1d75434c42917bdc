import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, whole, yesNo } from './parts/fields.js';
import { permissions } from './parts/permissions.js';
import { heldVersion, lockChange, refusedEntry, releaseState } from './parts/project.js';

export const document = defineDocument(
  'add',
  'What was added to `sheaf.toml` and `sheaf.lock`.',
  Type.Object({
    action: oneOf(['added', 'changed', 'unchanged'], 'what became of the line in `sheaf.toml`'),
    file: text('the `sheaf.toml`'),
    created: yesNo('whether there was none before'),
    name: text('the short name'),
    reference: text('what the line says now'),
    before: Type.Optional(text('what it said before')),
    id: text('namespace/name'),
    version: text('the version that was verified'),
    digest: text('its digest'),
    registry: text('origin of its registry'),
    registryAdded: Type.Optional(
      Type.Object(
        { name: text('its name'), url: text('its address') },
        { description: 'a line of `[registries]` that was needed' },
      ),
    ),
    signers: listOf(Type.String(), 'ids of the keys that signed it'),
    logIndex: whole('its place in the log'),
    permissions,
    state: releaseState,
    reason: Type.Optional(text('why it is not active')),
    replacement: Type.Optional(text('what its publisher names instead')),
    held: Type.Optional(heldVersion),
    lockFile: text('the `sheaf.lock`'),
    lockWritten: yesNo('whether it is another now'),
    changes: listOf(lockChange, 'what moved in it'),
    refused: listOf(refusedEntry, 'other names that stay at what is locked, because it is refused by now'),
  }),
);

export type AddJson = JsonOf<typeof document>;
