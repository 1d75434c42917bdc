import { describe, expect, it } from 'vitest';
import type { SurveyRow } from '../project/survey.js';
import { PLAIN } from '../terminal/style.js';
import { exitCodeOfUpgrade, renderUpgrade, type Upgraded } from './upgrade.js';
import { helpOffWithdrawn } from './withdrawn.js';

const row = (name: string, rest: Partial<SurveyRow>): SurveyRow => ({
  name,
  reference: `acme/${name}@^0.2`,
  id: `acme/${name}`,
  registry: 'wf.example.com',
  status: 'withdrawn',
  now: '0.2.0',
  ...rest,
});

describe('the way off what was withdrawn', () => {
  it('is an upgrade where the range has another version', () => {
    expect(helpOffWithdrawn([row('a', { range: '0.2.1', newest: '0.2.1' })])).toEqual([
      'move off what was withdrawn: sheaf upgrade',
    ]);
  });

  it('leads out of a range that has none', () => {
    expect(helpOffWithdrawn([row('a', { newest: '0.1.0' }), row('b', { newest: '0.3.0' })])).toEqual([
      'nothing else is in its range; beyond it: sheaf upgrade a b --latest --dry-run',
    ]);
  });

  it('is to do without it where nothing else can be used', () => {
    expect(helpOffWithdrawn([row('a', {}), row('b', { status: 'current', range: '0.2.0' })])).toEqual([
      'no other version can be used: sheaf remove a',
    ]);
  });
});

describe('an upgrade of what was withdrawn', () => {
  const upgraded: Upgraded = {
    file: 'sheaf.toml',
    lockFile: 'sheaf.lock',
    mode: 'upgrade',
    workflows: [row('a', { newest: '0.1.0' })],
    upgrades: [],
    projectWritten: false,
    lockWritten: false,
    changes: [],
    refused: [],
  };
  const look = { style: PLAIN, talkStyle: PLAIN, columns: undefined, talkColumns: undefined, nowMs: 0 };

  it('says that it stays, and does not end well', () => {
    expect(exitCodeOfUpgrade(upgraded)).toBe(1);
    expect(renderUpgrade(upgraded, look).epilogue).toBe(
      [
        'a stays at 0.2.0, which was withdrawn',
        '  help: nothing else is in its range; beyond it: sheaf upgrade a --latest --dry-run',
      ].join('\n'),
    );
  });

  it('ends well once it moved', () => {
    const moved = { name: 'a', from: '0.2.0', to: '0.1.0', outcome: 'upgraded' } as const;
    const done = { ...upgraded, upgrades: [moved], lockWritten: true };
    expect(exitCodeOfUpgrade(done)).toBe(0);
    expect(renderUpgrade(done, look).epilogue).toBe('upgraded a; sheaf.lock written');
  });
});
