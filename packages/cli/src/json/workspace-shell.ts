import { Type } from '@sinclair/typebox';
import { anyObject, listOf, oneOf, text } from './parts/fields.js';
import { defineDocument, type JsonOf } from './parts/document.js';

export const document = defineDocument(
  'workspace-shell',
  'The shell that would be opened where a run works; nothing is opened.',
  Type.Object({
    runId: text('the run'),
    step: text('path of the step whose environment it is'),
    cwd: text('the folder that it begins in'),
    shell: text('the program'),
    profile: oneOf(['secure', 'permissive', 'disabled'], 'how it is held to what the workflow declares'),
    sandbox: oneOf(['bwrap', 'none'], 'what it runs in'),
    environment: anyObject('its whole environment, by the names of the variables'),
    withheld: listOf(Type.String(), 'names of the secrets that it does not have'),
  }),
);

export type WorkspaceShellJson = JsonOf<typeof document>;
