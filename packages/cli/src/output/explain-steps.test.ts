import type { RunDetails, StepResult } from '@sheaf/engine';
import { expect, it } from 'vitest';
import { explainSteps } from './explain-steps.js';

const done: StepResult = { status: 'succeeded', attempts: 1 };

it('says of each step of a run why it was done, or was not', () => {
  const steps: Record<string, StepResult> = {
    plain: done,
    kept: { ...done, reusedFrom: '7f3kq2m9xa' },
    hit: { ...done, cache: { result: 'hit', why: 'as in run 7f3kq2m9xa' } },
    first: { ...done, cache: { result: 'miss', why: 'it was never done before' } },
    missed: {
      ...done,
      cache: { result: 'miss', why: 'env A changed', changed: ['env A changed', 'file \u001b[2J is new'] },
    },
    tell: done,
    skipped: {
      status: 'skipped',
      attempts: 0,
      reason: { code: 'step.when', message: 'its condition was false' },
    },
    waiting: { status: 'pending', attempts: 0 },
    mocked: done,
  };
  const run = {
    steps,
    rerunOf: {
      runId: '7f3kq2m9xa',
      redone: [{ step: 'tell', because: 'needs', message: 'it rests on missed' }],
    },
    plan: { steps: [{ id: 'mocked', cache: {} }, { id: 'plain' }] },
  } as unknown as RunDetails;
  expect(explainSteps(run)).toEqual([
    'plain: done, its definition has no cache',
    'kept: not done, what run 7f3kq2m9xa did stands for it',
    'hit: not done, the cache had it as in run 7f3kq2m9xa',
    'first: not in the cache: it was never done before',
    'missed: not in the cache:',
    '  env A changed',
    String.raw`  file \u{1b}[2J is new`,
    'tell: done again, it rests on missed',
    'skipped: skipped: its condition was false',
    'waiting: pending',
    'mocked: succeeded, not looked for in the cache',
  ]);
});
