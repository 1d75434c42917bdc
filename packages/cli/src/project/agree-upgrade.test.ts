import type { WorkflowChanges } from '@sheaf/client';
import { describe, expect, it } from 'vitest';
import { askUpgrade, describeUpgrade, listConcerns } from './agree-upgrade.js';
import type { PlannedUpgrade } from './plan-upgrade.js';
import { PLAIN } from '../terminal/style.js';

const NOTHING: WorkflowChanges = {
  permissions: { added: [], removed: [], kept: 1 },
  parameters: [],
  outputs: [],
  steps: [],
  requirements: [],
  dependencies: [],
  files: [],
  filesKept: 0,
};
const CURL = { kind: 'exec', value: 'curl' } as const;

function planned(
  changes: Partial<WorkflowChanges> = {},
  state: 'active' | 'deprecated' = 'active',
  lost?: { readonly code: string },
): PlannedUpgrade {
  return {
    kind: 'upgrade',
    row: { name: 'deploy', now: '1.0.0' },
    from: '1.0.0',
    to: '1.1.0',
    changes: { ...NOTHING, ...changes },
    fetched: { workflow: { standing: { state } } },
    lost,
  } as unknown as PlannedUpgrade;
}

describe('what an upgrade asks about', () => {
  it('is only what is more than before', () => {
    const fewer = { ...NOTHING.permissions, removed: [CURL] };
    const more = { ...NOTHING.permissions, added: [CURL] };
    expect(listConcerns(planned({ permissions: fewer }))).toEqual([]);
    expect(listConcerns(planned({ permissions: more }))).toEqual(['more permissions']);
    expect(listConcerns(planned({ signers: { before: ['a'], after: ['b'] } }))).toEqual(['another signer']);
    expect(listConcerns(planned({}, 'deprecated'))).toEqual(['deprecated']);
    expect(listConcerns(planned({}, 'active', { code: 'key.revoked' }))).toEqual(['nothing to compare with']);
  });

  it('is one line for fewer permissions', () => {
    const fewer = { ...NOTHING.permissions, removed: [CURL] };
    expect(describeUpgrade(planned({ permissions: fewer }), PLAIN)).toEqual([
      'deploy  1.0.0 → 1.1.0, same signer, asks for nothing more',
      '  - exec curl',
      '  = 1 as before',
    ]);
  });

  it.each([
    [['y'], 'upgraded'],
    [['n'], 'kept'],
    [['d', 'd', 'n'], 'kept'],
    [['d', 'y'], 'upgraded'],
  ])('answered with %j is %s', async (answers, outcome) => {
    const said: string[] = [];
    const left = [...answers];
    const ui = {
      canAsk: true,
      choose: (_: string, { default: fallback }: { readonly default: string }) =>
        Promise.resolve(left.shift() ?? fallback),
      say: (line: string) => void said.push(line),
      stderr: { style: PLAIN },
    };
    const one = planned({ permissions: { ...NOTHING.permissions, added: [CURL] } });
    expect(await askUpgrade({ ui } as never, one)).toBe(outcome);
    expect(said.filter((line) => line.includes('+ exec curl'))).toHaveLength(answers.length - 1);
    expect(left).toEqual([]);
  });

  it('is not asked when it is more than one question can show', async () => {
    const added = Array.from({ length: 99 }, (_, index) => ({
      kind: 'network' as const,
      value: `${'x'.repeat(40)}${index}.example`,
    }));
    const said: string[] = [];
    const ui = { canAsk: true, say: (line: string) => void said.push(line) };
    const one = planned({ permissions: { ...NOTHING.permissions, added } });
    expect(await askUpgrade({ ui } as never, one)).toBe('not_approved');
    expect(said).toEqual(['deploy 1.1.0 asks for more than one question can show']);
  });
});
