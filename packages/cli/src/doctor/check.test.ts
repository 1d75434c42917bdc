import { expect, it } from 'vitest';
import { CliError } from '../frame/errors.js';
import { runChecks, type Check } from './check.js';

const options = (limitMs: number) => ({ limitMs, signal: new AbortController().signal });

it('runs every check to its end, in order, whatever the others do', async () => {
  const checks: readonly Check[] = [
    { name: 'a', run: () => Promise.reject(new CliError('x.y', 'it is broken', { hint: 'mend it' })) },
    { name: 'b', run: () => Promise.resolve({ check: 'b', status: 'ok', detail: 'fine' }) },
    {
      name: 'c',
      run: () => {
        throw new Error('thrown\nat once');
      },
    },
    {
      name: 'd',
      run: () =>
        Promise.resolve([
          { check: 'd1', status: 'ok', detail: '' },
          { check: 'd2', status: 'skip', detail: '' },
        ]),
    },
  ];
  const found = await runChecks(checks, options(1000));
  expect(found.map(({ check, status, detail }) => [check, status, detail])).toEqual([
    ['a', 'fail', 'it is broken'],
    ['b', 'ok', 'fine'],
    ['c', 'fail', 'thrown'],
    ['d1', 'ok', ''],
    ['d2', 'skip', ''],
  ]);
  expect(found[0]?.remedy).toBe('mend it');
});

it('waits for none longer than the limit, and tells those that are late', async () => {
  const never: Check = { name: 'slow', run: () => new Promise(() => undefined) };
  const quick: Check = {
    name: 'quick',
    run: () => Promise.resolve({ check: 'quick', status: 'ok', detail: '' }),
  };
  expect(await runChecks([never, quick], options(20))).toEqual([
    { check: 'slow', status: 'warn', detail: 'no answer within 0.0 s' },
    { check: 'quick', status: 'ok', detail: '' },
  ]);
});

it('ends when it is cancelled', async () => {
  const controller = new AbortController();
  const never: Check = { name: 'slow', run: () => new Promise(() => undefined) };
  const running = runChecks([never], { limitMs: 10_000, signal: controller.signal });
  controller.abort();
  await expect(running).rejects.toThrow('aborted');
});
