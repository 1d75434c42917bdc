import { Type, type TObject, type TProperties } from '@sinclair/typebox';
import { defineDocument } from './parts/document.js';
import { amount, anything, oneOf, text, time, whole } from './parts/fields.js';
import { plan, valuesOf } from './parts/plan.js';
import { reason, rerunOrigin, runSource } from './parts/run.js';

const step = text('id of the step');
const attempt = whole('which attempt it is, from 1');
const outcome = {
  status: oneOf(['failed', 'succeeded'], 'how the attempt ended'),
  exitCode: Type.Optional(whole('what its shell ended with')),
  outputs: valuesOf('what it gave'),
  stdoutDropped: Type.Optional(Type.Literal(true, { description: 'it wrote more than an output may hold' })),
  logTruncated: Type.Optional(Type.Literal(true, { description: 'the log lacks the end of what it wrote' })),
  durationMs: amount('how long it took, milliseconds'),
  reason: Type.Optional(Type.Object(reason.properties, { description: 'why it did not succeed' })),
};

/** What the journal of the run has, with its place there. */
function journaled(type: string, fields: TProperties): TObject {
  return Type.Object({
    runId: text('the run'),
    seq: whole('place in the journal of the run'),
    at: time('when it happened'),
    type: Type.Literal(type),
    ...fields,
  });
}

export const document = defineDocument(
  'run-event',
  'An event of a run, a line each from `run`, `resume`, `rerun` and `logs --follow`.',
  Type.Union([
    journaled('run.started', {
      plan: Type.Object(plan.properties, { description: 'what runs' }),
      planDigest: text('sha256 of the plan'),
      source: runSource,
      cwd: text('the folder it runs in'),
      bundleDir: Type.Optional(text('where the bundle is unpacked')),
      maxParallel: whole('steps at the same time, at most'),
      rerunOf: Type.Optional(Type.Object(rerunOrigin.properties, { description: 'the run it goes back to' })),
    }),
    journaled('run.resumed', {
      maxParallel: whole('steps at the same time, at most'),
      bundleDir: Type.Optional(text('where the bundle is unpacked')),
    }),
    journaled('run.cancelling', {}),
    journaled('run.finished', {
      status: oneOf(['cancelled', 'failed', 'succeeded'], 'how it ended'),
      outputs: valuesOf('what it gave'),
      reason: Type.Optional(Type.Object(reason.properties, { description: 'why it did not succeed' })),
    }),
    journaled('step.started', { step, attempt }),
    journaled('step.spawned', { step, attempt, process: anything('what tells its process from all others') }),
    journaled('step.finished', { step, attempt, ...outcome }),
    journaled('step.reused', {
      step,
      from: text('the earlier run, in which it was done'),
      attempt,
      ...outcome,
    }),
    journaled('step.skipped', { step, reason }),
    journaled('step.interrupted', { step, attempt, reason }),
    Type.Object({
      type: Type.Literal('step.output'),
      runId: text('the run'),
      at: Type.Optional(
        time('when it was written; missing from `logs`, which reads what was written before'),
      ),
      step,
      stream: Type.Optional(
        oneOf(['stderr', 'stdout'], 'where it wrote; missing for a last line without an end'),
      ),
      text: text('a line that it wrote'),
    }),
  ]),
);
