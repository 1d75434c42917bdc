import { expect, it } from 'vitest';
import { PLAIN } from '../terminal/style.js';
import { renderPlan } from './plan.js';

it('breaks what a workflow takes and gives to the width of the terminal, under its label', () => {
  const plan = {
    workflow: { id: 'acme/deploy', version: '1.0.0' },
    permissions: { network: [], read: [], write: [], exec: [], secrets: [], env: [] },
    requirements: { tools: [] },
    parameters: { since: 'the first tag of this year' },
    steps: [],
    outputs: { text: '${{ steps.one.outputs.stdout }}', other: 'x' },
    artifacts: {},
    catch: [],
    workflows: {},
  } as unknown as Parameters<typeof renderPlan>[0];
  const lines = renderPlan(plan, { columns: 40, style: PLAIN }).split('\n');
  expect(lines.filter((line) => line.length > 40)).toEqual([]);
  expect(lines.slice(-3)).toEqual([
    'gives      text = ${{',
    '           steps.one.outputs.stdout }}',
    '           other = x',
  ]);
});
