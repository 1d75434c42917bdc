import { describe, expect, it } from 'vitest';
import { testPlan, testStep } from '../testing/plan.js';
import { checkPlan } from './plan-check.js';

describe('checkPlan', () => {
  it('takes a plan in topological order', () => {
    expect(() => {
      checkPlan(testPlan([testStep('a'), testStep('b', { needs: ['a'] })]));
    }).not.toThrow();
  });

  it.each([
    ['an id that leaves the folder of logs', [testStep('../a')]],
    ['a doubled id', [testStep('a'), testStep('a')]],
    ['a need that comes later', [testStep('a', { needs: ['b'] }), testStep('b')]],
    ['a step that needs itself', [testStep('a', { needs: ['a'] })]],
    ['a script that no process can be given', [testStep('a', { run: 'é'.repeat(70_000) })]],
    ['too many steps', Array.from({ length: 10_001 }, (_, index) => testStep(`s${index}`))],
  ])('refuses %s', (_what, steps) => {
    expect(() => {
      checkPlan(testPlan(steps));
    }).toThrow(expect.objectContaining({ code: 'plan.invalid' }) as Error);
  });

  it('says how large a script is, how large one may be, and where to put it', () => {
    expect(() => {
      checkPlan(testPlan([testStep('big', { run: 'x'.repeat(131_072) })]));
    }).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(
          'step big has 131072 bytes, and a shell takes at most 131071',
        ) as string,
        hint: 'move the script into a file of the bundle and call that',
      }) as Error,
    );
  });
});
