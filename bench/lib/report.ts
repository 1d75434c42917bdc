/** One line of the table. A value that could not be measured is absent, and `note` says why. */
export interface Row {
  readonly what: string;
  readonly value?: number;
  readonly unit: string;
  /** What it is measured beside, in the same run. */
  readonly peer?: string;
  readonly peerValue?: number;
  /** How many times the peer's cost (for times) or speed (for rates) ours is. */
  readonly ratio?: number;
  /** What the ratio, or the value where there is none, should be. */
  readonly target?: string;
  readonly isMet?: boolean;
  readonly note?: string;
}

const HEADINGS = ['what', 'ours', 'peer', 'peer’s', 'ratio', 'target', ''] as const;

/** The rows as a Markdown table. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    row.value === undefined ? '–' : `${formatNumber(row.value)} ${row.unit}`,
    row.peer ?? '',
    row.peerValue === undefined ? '' : `${formatNumber(row.peerValue)} ${row.unit}`,
    row.ratio === undefined ? '' : row.ratio.toFixed(2),
    row.target ?? '',
    [row.isMet === undefined ? '' : row.isMet ? 'met' : 'MISSED', row.note ?? '']
      .filter((text) => text !== '')
      .join('; '),
  ]);
  const widths = HEADINGS.map((heading, i) =>
    Math.max(heading.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [
    line(HEADINGS),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...cells.map(line),
  ].join('\n');
}

function formatNumber(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
