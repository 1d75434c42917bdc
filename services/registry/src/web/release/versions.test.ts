import type { VersionSummary, WorkflowDocument } from '@sheaf/client/contract';
import { describe, expect, it } from 'vitest';
import { lineOf, newerThan, rangeOf, representative, versionBefore } from './versions.js';

const of = (version: string, state: VersionSummary['state'] = 'active') =>
  ({ version, state }) as VersionSummary;
const VERSIONS = [
  of('2.1.0'),
  of('2.0.0'),
  of('2.0.0-rc.1'),
  of('1.2.0', 'yanked'),
  of('1.1.0'),
  of('0.9.0', 'quarantined'),
];
const before = (version: string, versions = VERSIONS) => versionBefore(versions, version)?.version;

describe('the version that one is compared with', () => {
  it('is the one before it in its line, and before the first of a line the newest that stands', () => {
    expect(before('2.1.0')).toBe('2.0.0');
    expect(before('2.0.0')).toBe('1.1.0');
    expect(before('1.2.0')).toBe('1.1.0');
  });

  it('is a withdrawn one where there is no other, and never one in quarantine', () => {
    expect(before('2.0.0', [of('2.0.0'), of('1.2.0', 'yanked')])).toBe('1.2.0');
    expect(before('1.1.0')).toBeUndefined();
    expect(before('3.0.0')).toBeUndefined();
  });

  it('is one before a release where the other is one too, or where there is nothing else', () => {
    expect(before('2.0.0-rc.1')).toBe('1.1.0');
    expect(before('1.0.0-b', [of('1.0.0-b'), of('1.0.0-a')])).toBe('1.0.0-a');
    expect(before('1.0.0', [of('1.0.0'), of('1.0.0-a')])).toBe('1.0.0-a');
  });
});

it('tells release lines apart', () => {
  expect(['0.1.2', '0.2.0', '1.2.0', '12.0.0-rc.1'].map(lineOf)).toEqual(['0.1', '0.2', '1', '12']);
});

it('counts the newer ones that stand, and names the newest', () => {
  expect(newerThan({ versions: VERSIONS }, '1.1.0')).toEqual({ count: 2, newest: '2.1.0' });
  expect(newerThan({ versions: VERSIONS }, '2.1.0')).toBeUndefined();
});

it('shows latest, else the newest that stands, else the newest', () => {
  const shown = (channels: Record<string, string>, versions = VERSIONS) =>
    representative({ channels, versions } as unknown as WorkflowDocument);
  expect(shown({ latest: '2.0.0' })).toBe('2.0.0');
  expect(shown({}, VERSIONS.slice(3))).toBe('1.1.0');
  expect(shown({}, VERSIONS.slice(3, 4))).toBe('1.2.0');
  expect(shown({}, [])).toBeUndefined();
});

it('offers what is compatible, and a version before a release as it is', () => {
  expect(['1.2.3', '0.1.0', '2.0.0-rc.1'].map(rangeOf)).toEqual(['^1.2', '^0.1', '2.0.0-rc.1']);
});
