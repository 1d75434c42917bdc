import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLOURED } from './style.js';
import { fitColumns, renderTable, type Column } from './table.js';
import { widthOf } from './text.js';

const COLUMNS: readonly Column[] = [
  { title: 'NAME' },
  { title: 'AGE', drop: 2, align: 'right' },
  { title: 'ABOUT', least: 6, drop: 1 },
];
const ROWS = [
  ['acme/deploy', { text: '3 days', full: '2026-03-01T00:00:00Z' }, 'Puts what was built where it runs'],
  ['acme/x', '1 h', '日本語'],
] as const;

describe('on a terminal', () => {
  it('stands in columns under a header', () => {
    expect(renderTable(COLUMNS, ROWS, { columns: 80 })).toBe(
      [
        'NAME            AGE  ABOUT',
        'acme/deploy  3 days  Puts what was built where it runs',
        'acme/x          1 h  日本語',
      ].join('\n'),
    );
  });

  it('cuts what may be cut, then lets columns go, and keeps the name whole to the last', () => {
    expect(renderTable(COLUMNS, ROWS, { columns: 30 })).toBe(
      ['NAME            AGE  ABOUT', 'acme/deploy  3 days  Puts wha…', 'acme/x          1 h  日本語'].join(
        '\n',
      ),
    );
    expect(renderTable(COLUMNS, ROWS, { columns: 20 })).toBe(
      ['NAME         ABOUT', 'acme/deploy  Puts w…', 'acme/x       日本語'].join('\n'),
    );
    expect(renderTable(COLUMNS, ROWS, { columns: 8 })).toBe(['NAME', 'acme/deploy', 'acme/x'].join('\n'));
  });

  it('takes no room for an empty column, and no header for no rows', () => {
    const rows = [['a', '', 'b']];
    expect(renderTable(COLUMNS, rows, { columns: 80, indent: 2 })).toBe('  NAME  ABOUT\n  a     b');
    expect(renderTable(COLUMNS, [], { columns: 80 })).toBe('');
  });

  it('colours a text but not its padding', () => {
    const rows = [
      [{ text: 'ok', paint: COLOURED.green }, 'fine'],
      ['fail', 'not'],
    ];
    expect(renderTable([{}, {}], rows, { columns: 80 })).toBe('\u001b[32mok\u001b[39m    fine\nfail  not');
  });
});

it('prints full texts between tabs in a pipe, and nothing that steers a terminal', () => {
  const text = renderTable(COLUMNS, [...ROWS, ['a\tb', '', '\u001b[2J']], { columns: undefined });
  expect(text.split('\n')).toEqual([
    'acme/deploy\t2026-03-01T00:00:00Z\tPuts what was built where it runs',
    'acme/x\t1 h\t日本語',
    String.raw`a\u{9}b` + '\t\t' + String.raw`\u{1b}[2J`,
  ]);
});

it('never gets wider than the terminal when every column may be cut or leave', () => {
  const column = fc.record({ least: fc.integer({ min: 1, max: 4 }), drop: fc.integer({ min: 1, max: 9 }) });
  fc.assert(
    fc.property(
      fc.array(column, { minLength: 1, maxLength: 6 }),
      fc.array(fc.array(fc.string(), { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 4, max: 100 }),
      (columns, rows, room) => {
        const lines = renderTable(columns, rows, { columns: room }).split('\n');
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(room);
      },
    ),
  );
});

it('cuts the widest column before a narrower one', () => {
  expect(fitColumns([{ least: 5 }, { least: 5 }], [30, 10], 30)).toEqual([18, 10]);
  expect(fitColumns([{ least: 5 }, { least: 5 }], [30, 10], 18)).toEqual([8, 8]);
  expect(fitColumns([{ least: 5 }, {}], [30, 10], 12)).toEqual([5, 10]);
});
