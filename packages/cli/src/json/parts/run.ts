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
    Type.Object({ kind: Type.Literal('local'), path: text('the folder it was read from, unsigned') }),
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
  failure: Type.Optional(Type.Object(runFailure.properties, { description: 'why it failed' })),
  warnings: listOf(Type.String(), 'what is to be known of the release, such as that it is deprecated'),
});
