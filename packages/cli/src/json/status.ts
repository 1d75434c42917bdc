import { Type } from '@sinclair/typebox';
import { decisionFields, isolation } from './parts/decision.js';
import { defineDocument, type JsonOf, type PartOf } from './parts/document.js';
import { listOf, oneOf, text, time } from './parts/fields.js';
import { plan, valuesOf } from './parts/plan.js';
import { reason, rerunOrigin, runError, runSource } from './parts/run.js';
import { workspace } from './parts/workspace.js';
import { stepResult } from './parts/step-result.js';

const runSummary = Type.Object({
  runId: text('the run'),
  workflow: text('namespace and name'),
  version: text('its version'),
  status: oneOf(
    ['cancelled', 'failed', 'interrupted', 'running', 'succeeded'],
    '`interrupted`: its engine died, `sheaf resume` goes on',
  ),
  startedAt: time('when it began'),
  finishedAt: Type.Optional(time('when it ended')),
  source: runSource,
});

const decision = Type.Object({ at: time('when'), ...decisionFields });

const runDetails = Type.Object({
  ...runSummary.properties,
  plan,
  planDigest: text('sha256 of the plan as it was journaled'),
  cwd: text('the folder it runs in'),
  workDir: text(
    'the folder its steps work in, which is another one where the run has a workspace of its own',
  ),
  workspace: Type.Optional(Type.Object(workspace, { description: 'the folder that was made for it' })),
  workspaceKind: Type.Optional(
    oneOf(['ephemeral', 'folder', 'run'], 'what was chosen; missing: its steps work in `cwd`'),
  ),
  bundleDir: Type.Optional(text('where the bundle is unpacked')),
  isolation,
  decisions: listOf(decision, 'what was decided about it, in order'),
  outputs: valuesOf('what it gave'),
  steps: listOf(stepResult, 'in the order of the plan'),
  reason: Type.Optional(Type.Object(reason.properties, { description: 'why it did not succeed' })),
  error: Type.Optional(runError),
  rerunOf: Type.Optional(Type.Object(rerunOrigin.properties, { description: 'the run it goes back to' })),
});

export const document = defineDocument(
  'status',
  'The runs on this machine, or one of them with its steps.',
  Type.Object({
    runs: Type.Optional(listOf(runSummary, 'the runs, newest first')),
    run: Type.Optional(Type.Object(runDetails.properties, { description: 'the one that was asked for' })),
  }),
);

export type StatusJson = JsonOf<typeof document>;
export type RunSummaryJson = PartOf<typeof runSummary>;
export type RunDetailsJson = PartOf<typeof runDetails>;
