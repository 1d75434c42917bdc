import { describe, expect, it } from 'vitest';
import type { SurveyRow } from '../project/survey.js';
import { PLAIN } from '../terminal/style.js';
import { renderSurvey, shortAge } from './survey.js';

const NOW = Date.parse('2026-03-10T00:00:00Z');
const rows: readonly SurveyRow[] = [
  {
    name: 'deploy',
    reference: 'acme/deploy@^1.4',
    id: 'acme/deploy',
    registry: 'wf.example.com',
    status: 'behind',
    now: '1.4.2',
    range: '1.5.0',
    newest: '2.0.1',
    target: '1.5.0',
    publishedAt: '2026-03-01T00:00:00Z',
    signer: 'same',
    permissions: { added: [{ kind: 'exec', value: 'curl' }], removed: [] },
  },
  {
    name: 'lint',
    reference: 'acme/lint@^0.9',
    id: 'acme/lint',
    registry: 'wf.example.com',
    status: 'behind',
    now: '0.9.0',
    range: '0.9.4',
    newest: '0.9.4',
    target: '0.9.4',
    publishedAt: '2025-03-01T00:00:00Z',
    signer: 'changed',
    permissions: { added: [], removed: [] },
    state: { version: '0.9.0', state: 'deprecated', replacement: 'tools/check\u001b[2J' },
  },
  {
    name: 'ours',
    reference: 'acme/ours@^1',
    id: 'acme/ours',
    registry: 'wf.example.com',
    status: 'current',
    now: '1.0.0',
    signer: 'unknown',
  },
  {
    name: 'new',
    reference: 'acme/new@^1',
    id: 'acme/new',
    registry: 'wf.example.com',
    status: 'current',
    now: '1.0.0',
    held: { version: '1.1.0', until: '2026-03-12T00:00:00.000Z', minReleaseAgeMs: 7 * 86_400_000 },
  },
];
const show = (columns: number | undefined) => renderSurvey(rows, { columns, style: PLAIN, nowMs: NOW });

describe('the table of what is newer', () => {
  it('has a line a workflow, with its state behind', () => {
    expect(show(140)).toBe(
      [
        'NAME    NOW    RANGE  NEWEST  AGE  SIGNER   PERMISSIONS',
        'deploy  1.4.2  1.5.0  2.0.1   9d   same     + exec curl',
        'lint    0.9.0  0.9.4  0.9.4   1y   CHANGED  =            DEPRECATED: use tools/check\\u{1b}[2J',
        'ours    1.0.0  -      -       -    ?        -',
        'new     1.0.0  -      -       -    -        -            1.1.0 held until 2026-03-12T00:00:00.000Z (min_release_age 7 d)',
      ].join('\n'),
    );
  });

  it('says what does not fit a narrow terminal under the table', () => {
    const lines = show(80).split('\n');
    expect(lines).toContain('  lint  DEPRECATED: use tools/check\\u{1b}[2J');
    expect(lines.every((line) => line.length <= 80)).toBe(true);
  });

  it('is whole in a pipe, with the time instead of the age', () => {
    expect(show(undefined).split('\n')[0]).toBe(
      'deploy\t1.4.2\t1.5.0\t2.0.1\t2026-03-01T00:00:00Z\tsame\t+ exec curl\t',
    );
  });
});

describe('an age in a table', () => {
  it.each([
    ['2026-03-09T23:59:59Z', '1s'],
    ['2026-03-09T21:00:00Z', '3h'],
    ['2026-03-11T00:00:00Z', '0s'],
    ['2023-03-10T00:00:00Z', '3y'],
  ])('of %s is %s', (time, age) => {
    expect(shortAge(time, NOW)).toBe(age);
  });
});
