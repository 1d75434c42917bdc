import { Type } from '@sinclair/typebox';
import { listOf, oneOf, text } from './fields.js';
import { valuesOf } from './plan.js';
import { runFailure } from './run-failure.js';
import { stepResult } from './step-result.js';

/** Where the plan of a run came from. */
export const runSource = Type.Union(
  [
    Type.Object({
      kind: Type.Literal('registry'),
      id: text('namespace and name'),
      version: text('its version'),
      digest: text('sha256 of the canonical tar'),
      signer: text('id of the key that signed it'),
      registry: Type.Optional(text('address of the registry')),
    }),
    Type.Object({
      kind: Type.Literal('local'),
      path: text('the folder it was read from, unsigned'),
      definition: Type.Optional(text('name of the definition in it, where that is not the usual one')),
      overlays: Type.Optional(
        Type.Object(
          {
            files: listOf(Type.String(), 'files, absolute'),
            settings: listOf(Type.String(), 'settings, `KEY=VALUE`'),
          },
          { description: 'what was laid over the definition' },
        ),
      ),
    }),
  ],
  { description: 'where the plan came from' },
);

export const reason = Type.Object({
  code: text('stable code'),
  message: text('one line, for people'),
  hint: Type.Optional(text('what to do')),
});

/** The run that another one goes back to. */
export const rerunOrigin = Type.Object({
  runId: text('the earlier run'),
  from: Type.Optional(text('the step that is done again, with all that follows from it')),
  redone: Type.Optional(
    listOf(
      Type.Object({
        step: text('path of the step'),
        because: oneOf(
          ['asked', 'needs', 'definition', 'calls', 'parameters', 'new', 'unfinished', 'inside'],
          '`needs`: it rests on one that is done again; `definition`: it is written otherwise; `calls`: the workflow that it calls is another one; `inside`: a step in it is done again',
        ),
        message: text('one line, for people'),
      }),
      'what was not taken over from the earlier run, and why; at most 1,000',
    ),
  ),
});

/** What failed first in a run. */
export const runError = Type.Object(
  {
    step: text('path of the step; empty when it was none'),
    code: text('stable code'),
    message: text('one line, for people'),
  },
  { description: 'what failed first' },
);

/** What `run`, `resume` and the like end with. */
export const finishedRun = Type.Object({
  runId: text('the run'),
  status: oneOf(['cancelled', 'failed', 'succeeded'], 'how it ended'),
  workflow: Type.Object(
    { id: text('namespace and name'), version: text('its version') },
    { description: 'what ran' },
  ),
  source: runSource,
  outputs: valuesOf('what it gave'),
  steps: listOf(stepResult, 'in the order of the plan'),
  workspace: Type.Optional(
    text('the folder that its steps worked in, where it was made for the run and is still there'),
  ),
  failure: Type.Optional(Type.Object(runFailure.properties, { description: 'why it failed' })),
  warnings: listOf(Type.String(), 'what is to be known of the release, such as that it is deprecated'),
});
