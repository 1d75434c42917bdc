import { describe, expect, it } from 'vitest';
import { parseRows } from './ps-table.js';

describe('parseRows', () => {
  it('reads pid, group and start, and leaves zombies out', () => {
    const text =
      '    1     1 Ss   Sat Nov 21 02:41:28 2026\n  77    70 Z+   Sat Nov 21 02:41:29 2026\nnoise\n';
    expect(parseRows(text)).toEqual([
      { pid: 1, group: 1, startedAtMs: new Date(2026, 10, 21, 2, 41, 28).getTime() },
    ]);
  });
});
