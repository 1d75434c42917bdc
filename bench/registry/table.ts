import { ratioOf } from './rounds.js';
import type { BenchRow, Cell } from './row.js';

const HEADINGS = [
  'what',
  'server',
  'per second',
  'p50 ms',
  'p99 ms',
  'CPU-ms',
  'database CPU-ms',
  'MB',
  'syncs',
  'Sheaf is × as fast',
] as const;

/** What was measured, and what the design asks for, as Markdown. */
export function formatRows(rows: readonly BenchRow[]): string {
  const measured = rows.flatMap((row) => row.cells.map((cell, i) => cellsOf(row, cell, i === 0)));
  const targets = rows.flatMap((row) =>
    row.targets.map(({ text, value, isMet }) => [
      row.what,
      text,
      formatNumber(value),
      isMet ? 'met' : '**missed**',
    ]),
  );
  const notes = new Set(rows.flatMap(notesOf));
  return [
    table(HEADINGS, measured),
    table(['what', 'target', 'measured', ''], targets),
    table(['server', 'version', 'an acknowledged write survives'], serversOf(rows)),
    [...notes].join('\n'),
  ].join('\n\n');
}

function serversOf(rows: readonly BenchRow[]): readonly (readonly string[])[] {
  const servers = new Map<string, readonly string[]>();
  for (const { server, version, durability } of rows.flatMap(({ cells }) => cells))
    if (version !== undefined) servers.set(server, [server, version, durability ?? '']);
  return [...servers.values()];
}

/** A note about several rows is shown once. */
function notesOf({ what, cells, notes }: BenchRow): readonly string[] {
  const failures = cells.flatMap(({ server, firstFailure }) =>
    firstFailure === undefined ? [] : [`- ${what}, ${server}: ${firstFailure}`],
  );
  return [...failures, ...notes.map((note) => `- ${note}`)];
}

function cellsOf(row: BenchRow, cell: Cell, isFirst: boolean): readonly string[] {
  const server = cell.note === undefined ? cell.server : `${cell.server} (${cell.note})`;
  const ratio = cell.server === 'Sheaf' ? Number.NaN : ratioOf(row.cells, 'Sheaf', cell.server);
  const failed = cell.failed === 0 ? '' : ` (${cell.failed} of ${cell.operations} FAILED)`;
  return [
    isFirst ? row.what : '',
    server,
    `${formatNumber(cell.perSecond)}${failed}`,
    ...[cell.p50Ms, cell.p99Ms, cell.serviceCpuMs, cell.databaseCpuMs, cell.rssMb, cell.syncs].map(
      formatNumber,
    ),
    Number.isNaN(ratio) ? '' : ratio.toFixed(2),
  ];
}

function formatNumber(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '';
  return value >= 100 || value === 0 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, i) =>
    Math.max(heading.length, 3, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [
    line(headings),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...rows.map(line),
  ].join('\n');
}
