import { describe, expect, test } from 'vitest';
import { ratioOf } from './rounds.js';
import { targetOf, type BenchRow, type Cell } from './row.js';
import { formatRows } from './table.js';

function cell(server: string, rounds: readonly number[], failed = 0): Cell {
  return { server, operations: 100, failed, perSecond: rounds[0] ?? 0, rounds };
}

describe('a target', () => {
  test('is met by what reaches it', () => {
    expect(targetOf('', 5, 'least', 5).isMet).toBe(true);
    expect(targetOf('', 4.99, 'least', 5).isMet).toBe(false);
    expect(targetOf('', 10, 'most', 10).isMet).toBe(true);
    expect(targetOf('', 10.1, 'most', 10).isMet).toBe(false);
  });

  test('is not met by what failed, however fast it did', () => {
    expect(targetOf('', 50, 'least', 5, [cell('Sheaf', [50], 1)]).isMet).toBe(false);
  });

  test('is not met by what was not measured', () => {
    expect(targetOf('', Number.NaN, 'least', 5).isMet).toBe(false);
    expect(targetOf('', Number.NaN, 'most', 5).isMet).toBe(false);
  });
});

test('a ratio is that of the rounds beside each other, not that of the medians', () => {
  const cells = [cell('Sheaf', [10, 100, 30]), cell('peer', [5, 25, 30])];
  expect(ratioOf(cells, 'Sheaf', 'peer')).toBe(2);
  expect(ratioOf(cells, 'Sheaf', 'nobody')).toBeNaN();
});

test('the table says what failed, and why', () => {
  const row: BenchRow = {
    id: 'publish.1',
    what: 'publish',
    cells: [{ ...cell('Sheaf', [0], 7), firstFailure: 'status 500' }],
    targets: [targetOf('≥ 1', 0, 'least', 1)],
    notes: [],
  };
  const table = formatRows([row]);
  expect(table).toContain('7 of 100 FAILED');
  expect(table).toContain('publish, Sheaf: status 500');
  expect(table).toContain('**missed**');
});
