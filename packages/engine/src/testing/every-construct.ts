import { parseVersion, parseWorkflowId, type Plan } from '@sheaf/workflow';
import { testPlan, testStep } from './plan.js';

const CALLED = 'acme/notify@1.0.0';

/**
 * A plan that uses everything that a plan can have, and fails in the end, so that its `catch` runs. `script` makes the script of a
 * shell step from what it prints, and from the attempt before which it fails.
 */
export function everyConstruct(
  script: (what: { readonly text: string; readonly failsBefore?: number; readonly hangs?: true }) => string,
): Plan {
  const run = (text: string, failsBefore?: number) =>
    script({ text, ...(failsBefore === undefined ? {} : { failsBefore }) });
  const retry = { attempts: 3, backoff: 'exponential', delayMs: 20, jitter: true } as const;
  return testPlan(
    [
      testStep('first', { run: run('hello $PARAM_WHO') }),
      testStep('never', { when: '${{ false }}', foreach: { items: '${{ [1] }}', as: 'x' } }),
      testStep('flaky', { needs: ['first'], run: run('at last', 2), retry }),
      testStep('slow', {
        run: script({ text: '', hangs: true }),
        timeoutMs: 150,
        retry: { ...retry, attempts: 2 },
        onFailure: 'continue',
      }),
      testStep('pause', { work: { kind: 'wait', seconds: 0.05 } }),
      testStep('checks', {
        needs: ['first'],
        timeoutMs: 60_000,
        work: {
          kind: 'block',
          steps: [
            testStep('lint', { run: run('$T lint'), env: { T: '${{ steps.first.outputs.stdout }}' } }),
            testStep('unit', {
              needs: ['lint'],
              run: run('$T unit'),
              env: { T: '${{ steps.lint.outputs.stdout }}' },
            }),
          ],
        },
      }),
      testStep('tell', {
        needs: ['checks', 'never'],
        foreach: { items: '${{ ["a", "b", "c"] }}', as: 'channel', maxParallel: 2 },
        work: {
          kind: 'block',
          steps: [
            testStep('draft', { run: run('$C draft'), env: { C: '${{ channel }}' } }),
            testStep('send', {
              needs: ['draft'],
              run: run('$D sent'),
              env: { D: '${{ steps.draft.outputs.stdout }}' },
            }),
          ],
        },
      }),
      testStep('each', {
        foreach: { items: '${{ [1, 2, 3] }}', as: 'n' },
        run: run('$N'),
        env: { N: '${{ n }}' },
      }),
      testStep('notify', {
        needs: ['pause'],
        onFailure: 'continue',
        work: { kind: 'workflow', workflow: CALLED, with: { text: 'hi ${{ params.who }}' } },
      }),
      testStep('approve', {
        needs: ['flaky', 'slow'],
        work: {
          kind: 'await_event',
          source: 'http',
          match: '${{ event.approved == true }}',
          timeoutMs: 60_000,
        },
      }),
      testStep('sum', {
        needs: ['each'],
        work: {
          kind: 'script',
          script: 'return { sum: input.all.length, at: typeof Date.now() }',
          with: { all: '${{ steps.each.outputs }}' },
        },
      }),
      testStep('fails', {
        needs: ['approve', 'tell', 'notify', 'sum'],
        run: run('$BY', 99),
        env: {
          BY: '${{ steps.approve.outputs.event.by }} ${{ steps.tell.outputs.map(o, o.send.stdout) }} ${{ steps.sum.outputs.sum }}',
        },
      }),
      testStep('after', { needs: ['fails'] }),
    ],
    {
      parameters: { who: 'ana' },
      catch: [
        testStep('report', { run: run('$FAILED_STEP $CODE'), env: { CODE: '${{ error.code }}' } }),
        testStep('clean', { needs: ['report'], run: run('clean') }),
      ],
      workflows: {
        [CALLED]: {
          workflow: { id: parseWorkflowId('acme/notify'), version: parseVersion('1.0.0') },
          parameters: { text: { type: 'string', required: true } },
          permissions: { network: [], exec: [], read: [], write: [], secrets: [] },
          steps: [
            testStep('post', { run: run('$PARAM_TEXT') }),
            testStep('check', { needs: ['post'], run: run('bad', 99) }),
          ],
          outputs: { said: '${{ steps.post.outputs.stdout }}' },
          artifacts: {},
          catch: [testStep('undo', { run: run('undone') })],
        },
      },
    },
  );
}

/** Events that make `approve` of {@link everyConstruct} end, after one that does not. */
export const APPROVALS = [{ approved: false }, { approved: true, by: 'bo' }] as const;
