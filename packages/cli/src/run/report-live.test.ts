import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../terminal/style.js';
import { drawSteps } from './report-live.js';

const steps = (count: number, lines: readonly string[]) =>
  new Map(Array.from({ length: count }, (_, i) => [`s${i}`, { startedMs: 0, lines: [...lines] }] as const));
const draw = (count: number, rows: number, waiting: readonly string[] = [], lines = ['a', 'b', 'c']) =>
  drawSteps({ running: steps(count, lines), waiting: new Set(waiting), nowMs: 1500 }, PLAIN, {
    columns: 80,
    rows,
  });

describe('a live list', () => {
  it('shows what runs with its last lines, and then what waits', () => {
    expect(draw(2, 24, ['x', 'y'])).toEqual([
      '● s0 1.5 s',
      '  │ a',
      '  │ b',
      '  │ c',
      '● s1 1.5 s',
      '  │ a',
      '  │ b',
      '  │ c',
      '○ 2 to come: x, y',
    ]);
  });

  it('fits any screen, and counts what it leaves out', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 60 }),
        fc.integer({ min: 3, max: 50 }),
        fc.boolean(),
        (count, rows, waits) => {
          const lines = draw(count, rows, waits ? ['x'] : []);
          expect(lines.length).toBeLessThanOrEqual(rows - 1);
          const shown = lines.filter((line) => line.startsWith('●')).length;
          const [, more = '0'] = /and (\d+) more/.exec(lines.join('\n')) ?? [];
          expect(shown + Number(more)).toBe(count);
        },
      ),
    );
  });

  it('gives steps their lines only where all steps have room', () => {
    expect(draw(10, 14)).toHaveLength(10);
    expect(draw(4, 14)).toHaveLength(12);
  });
});
