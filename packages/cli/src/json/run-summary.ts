import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf, type PartOf } from './parts/document.js';
import { amount, listOf, oneOf, text, time, whole } from './parts/fields.js';
import { valuesOf } from './parts/plan.js';
import { reason, runSource } from './parts/run.js';
import { runFailure } from './parts/run-failure.js';
import { stepResult } from './parts/step-result.js';

const step = Type.Object({
  id: text('path of the step: its id, with that of the step that it is in before it'),
  status: stepResult.properties.status,
  attempts: whole('attempts so far'),
  exitCode: Type.Optional(whole('what its shell ended with')),
  startedAt: Type.Optional(time('when its last attempt began')),
  durationMs: Type.Optional(amount('how long the last attempt took, milliseconds')),
  reason: Type.Optional(Type.Object(reason.properties, { description: 'why it did not succeed' })),
  reusedFrom: Type.Optional(text('the earlier run whose result stands for this step')),
  cache: stepResult.properties.cache,
});

export const document = defineDocument(
  'run-summary',
  'The file that `sheaf run --summary` writes.',
  Type.Object({
    status: oneOf(
      ['cancelled', 'failed', 'not_started', 'succeeded'],
      'how it ended; not_started: nothing was run, and `error` says why',
    ),
    exitCode: whole('what sheaf ended with'),
    reference: Type.Optional(text('what was to be run, when nothing was')),
    runId: Type.Optional(text('the run')),
    workflow: Type.Optional(
      Type.Object(
        { id: text('namespace and name'), version: text('its version') },
        { description: 'what ran' },
      ),
    ),
    source: Type.Optional(runSource),
    verified: Type.Optional(
      Type.Object(
        {
          digest: text('sha256 of the canonical tar'),
          registry: text('address of the registry'),
          signers: listOf(Type.String(), 'ids of the keys that signed it'),
          logIndex: whole('its place in the log'),
        },
        { description: 'what was verified before anything ran; missing for a folder of one’s own' },
      ),
    ),
    startedAt: Type.Optional(time('when it began')),
    finishedAt: Type.Optional(time('when it ended')),
    durationMs: Type.Optional(amount('how long it took, milliseconds')),
    steps: listOf(step, 'in the order of the plan'),
    outputs: valuesOf('what it gave'),
    failure: Type.Optional(Type.Object(runFailure.properties, { description: 'why it failed' })),
    error: Type.Optional(
      Type.Object(
        {
          code: text('stable code, which `sheaf help CODE` explains'),
          message: text('one line, for people'),
          evidence: listOf(Type.String(), 'what was found: yours and theirs, expected and got'),
          help: listOf(Type.String(), 'what to do'),
        },
        { description: 'why nothing was run' },
      ),
    ),
    warnings: listOf(Type.String(), 'what is to be known of the release, such as that it is deprecated'),
  }),
);

export type RunSummaryJson = JsonOf<typeof document>;
export type SummaryStepJson = PartOf<typeof step>;
