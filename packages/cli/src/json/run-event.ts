import { Type, type TObject, type TProperties } from '@sinclair/typebox';
import { decisionFields, isolation } from './parts/decision.js';
import { defineDocument } from './parts/document.js';
import { amount, anything, listOf, oneOf, text, time, whole, yesNo } from './parts/fields.js';
import { plan, valuesOf } from './parts/plan.js';
import { workspace } from './parts/workspace.js';
import { reason, rerunOrigin, runError, runSource } from './parts/run.js';

const step = text('path of the step: its id, with that of the step that it is in before it');
const attempt = whole('which attempt it is, from 1');
const outcome = {
  status: oneOf(['failed', 'succeeded'], 'how the attempt ended'),
  exitCode: Type.Optional(whole('what its shell ended with')),
  outputs: valuesOf('what it gave'),
  stdoutDropped: Type.Optional(Type.Literal(true, { description: 'it wrote more than an output may hold' })),
  logTruncated: Type.Optional(Type.Literal(true, { description: 'the log lacks the end of what it wrote' })),
  redactions: Type.Optional(whole('how often a secret was hidden in what it wrote')),
  durationMs: amount('how long it took, milliseconds'),
  reason: Type.Optional(Type.Object(reason.properties, { description: 'why it did not succeed' })),
};

const rules = Type.Object(
  {
    from: text('where they are written'),
    timeoutMs: Type.Optional(whole('of one attempt at a step, milliseconds')),
    maxParallel: Type.Optional(whole('steps at the same time')),
    cpus: Type.Optional(amount('what one step may ask for')),
    memoryBytes: Type.Optional(whole('what one step may ask for')),
    items: Type.Optional(whole('of one loop')),
    artifactBytes: Type.Optional(whole('of one artifact')),
    processes: Type.Optional(whole('of one sandbox or container, with threads')),
    images: Type.Optional(
      listOf(Type.Array(Type.String()), 'lists of images, each of which must name that of a container'),
    ),
  },
  { description: 'what it is held to beside what the workflow declares' },
);

const workspaceChoice = Type.Object(
  {
    kind: oneOf(
      ['ephemeral', 'folder', 'run'],
      'one for each attempt at a step; a folder that was named; one for the run',
    ),
    includeUncommitted: Type.Optional(yesNo('whether it has what is in no commit as well')),
    path: Type.Optional(text('the folder that was named')),
  },
  { description: 'where its steps work; missing: in `cwd`' },
);

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
      cwd: text('the folder it was started in'),
      bundleDir: Type.Optional(text('where the bundle is unpacked')),
      maxParallel: whole('steps at the same time, at most'),
      isolation,
      workspace: Type.Optional(workspaceChoice),
      rules: Type.Optional(rules),
      bundleDirs: Type.Optional(anything('the same of what its steps call')),
      skip: Type.Optional(listOf(Type.String(), 'paths of steps to leave out')),
      rerunOf: Type.Optional(Type.Object(rerunOrigin.properties, { description: 'the run it goes back to' })),
    }),
    journaled('run.resumed', {
      maxParallel: whole('steps at the same time, at most'),
      isolation,
      rules: Type.Optional(rules),
      bundleDir: Type.Optional(text('where the bundle is unpacked')),
      bundleDirs: Type.Optional(anything('the same of what its steps call')),
    }),
    journaled('policy.decided', decisionFields),
    journaled('run.cancelling', {}),
    journaled('run.catching', { error: runError }),
    journaled('workspace.created', {
      ...workspace,
      uncommitted: Type.Optional(
        Type.Object(
          {
            count: whole('how many'),
            files: listOf(Type.String(), 'the first of them'),
          },
          { description: 'files of the repository that are in no commit, and not in it' },
        ),
      ),
    }),
    journaled('workspace.reused', { ...workspace, from: text('the run that had it before') }),
    journaled('workspace.removed', { path: text('the folder that is gone') }),
    journaled('artifact.kept', {
      name: text('its name in the definition'),
      path: text('the file, relative to the workspace'),
      sizeBytes: whole('its size, bytes'),
      sha256: text('sha256 of its bytes, in hexadecimal digits'),
      until: Type.Optional(whole('until when it is kept, milliseconds since the epoch')),
    }),
    journaled('artifact.missing', { name: text('its name in the definition'), reason }),
    journaled('event.received', {
      event: text('its id'),
      eventSource: text('where it comes from'),
      data: anything('what it says'),
    }),
    journaled('step.opened', {
      step,
      attempt,
      items: Type.Optional(listOf(Type.Unknown(), 'of a loop: what it runs for')),
      parameters: Type.Optional(valuesOf('of a workflow that it calls: what that is given')),
      until: Type.Optional(whole('when its timeout ends, milliseconds since the epoch')),
    }),
    journaled('step.catching', { step, attempt, error: runError }),
    journaled('run.finished', {
      status: oneOf(['cancelled', 'failed', 'succeeded'], 'how it ended'),
      outputs: valuesOf('what it gave'),
      reason: Type.Optional(Type.Object(reason.properties, { description: 'why it did not succeed' })),
    }),
    journaled('step.started', { step, attempt }),
    journaled('step.spawned', { step, attempt, process: anything('what tells its process from all others') }),
    journaled('step.workspace', {
      step,
      attempt,
      change: oneOf(['created', 'removed'], 'what became of the folder that this attempt has for itself'),
      path: text('the folder'),
      head: Type.Optional(text('the commit that it was made of')),
    }),
    journaled('step.waiting', {
      step,
      attempt,
      for: oneOf(['event', 'retry', 'time'], 'what it waits for'),
      eventSource: Type.Optional(text('where the event comes from')),
      until: Type.Optional(whole('until when, milliseconds since the epoch')),
    }),
    journaled('step.woke', { step, attempt }),
    journaled('step.passed', {
      step,
      event: text('id of an event that is not the one it waits for'),
      reason: Type.Optional(reason),
    }),
    journaled('step.secret', {
      step,
      attempt,
      name: text('the secret that the attempt is given'),
      from: text('where it was: keyring, vault, dotenv or environment'),
    }),
    journaled('step.cache', {
      step,
      attempt,
      result: oneOf(['hit', 'miss'], 'hit: what an earlier run did stands for it'),
      key: text('sha256 of all that it depends on'),
      why: text('what was found, or what is not as it was'),
      changed: Type.Optional(
        listOf(Type.String(), 'of a miss: each thing that is not as it was the last time, at most 50'),
      ),
    }),
    journaled('step.retrying', { step, attempt, ...outcome }),
    journaled('step.finished', {
      step,
      attempt,
      event: Type.Optional(text('id of the event that it waited for')),
      ...outcome,
    }),
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
