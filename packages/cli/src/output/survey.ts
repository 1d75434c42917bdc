import { formatDurationMs, formatTimeMs } from '@sheaf/client';
import type { SurveyRow } from '../project/survey.js';
import { printable } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { renderTable, type Cell, type Column } from '../terminal/table.js';
import { hangText } from '../terminal/text.js';

const COLUMNS: readonly Column[] = [
  { title: 'NAME' },
  { title: 'NOW' },
  { title: 'RANGE' },
  { title: 'NEWEST' },
  { title: 'AGE', drop: 1 },
  { title: 'SIGNER' },
  { title: 'PERMISSIONS', least: 12 },
  { title: '', least: 20 },
];

/** Where a table of what there is by now is printed. */
export interface SurveyLook {
  readonly columns: number | undefined;
  readonly style: Style;
  readonly nowMs: number;
}

/** What is locked beside what there is, a line each. What does not fit the terminal beside it stands under the table. */
export function renderSurvey(rows: readonly SurveyRow[], { columns, style, nowMs }: SurveyLook): string {
  const cells = rows.map((row) => cellsOf(row, style, nowMs));
  const notes = rows.map(noteOf);
  const table = renderTable(COLUMNS, cells, { columns, style });
  if (columns === undefined || notes.every((note) => table.includes(printable(note)))) return table;
  const without = renderTable(
    COLUMNS.slice(0, -1),
    cells.map((row) => row.slice(0, -1)),
    { columns, style },
  );
  const below = rows.flatMap(({ name }, i) => {
    const note = notes[i] ?? '';
    return note === '' ? [] : hangText(`  ${name}  `, printable(note), columns);
  });
  return [without, ...below].join('\n');
}

/** Whether there is something to say of a row beyond that all is as new as it can be. */
export function isNews({ status, target, held, state }: SurveyRow): boolean {
  return status !== 'current' || target !== undefined || held !== undefined || state !== undefined;
}

function cellsOf(row: SurveyRow, style: Style, nowMs: number): readonly Cell[] {
  const { name, now, range, newest, publishedAt, signer, permissions, status } = row;
  return [
    name,
    now ?? '-',
    status === 'behind' ? { text: range ?? '-', paint: style.green } : (range ?? '-'),
    newest ?? '-',
    publishedAt === undefined ? '-' : { text: shortAge(publishedAt, nowMs), full: publishedAt },
    signer === 'changed'
      ? { text: 'CHANGED', paint: style.red }
      : signer === 'unknown'
        ? '?'
        : (signer ?? '-'),
    permissions === undefined
      ? '-'
      : {
          text: describePermissions(permissions),
          ...(permissions.added.length === 0 ? {} : { paint: style.yellow }),
        },
    { text: noteOf(row), ...(status === 'withdrawn' || status === 'unknown' ? { paint: style.red } : {}) },
  ];
}

/** `+ exec curl, - write dist/**`, or `=`. */
function describePermissions({ added, removed }: NonNullable<SurveyRow['permissions']>): string {
  const changes = [
    ...added.map(({ kind, value }) => `+ ${kind} ${value}`),
    ...removed.map(({ kind, value }) => `- ${kind} ${value}`),
  ];
  return changes.length === 0 ? '=' : changes.join(', ');
}

/** The state with its replacement or reason, what is held back, why nothing fits. */
function noteOf({ state, held, problem, now, status }: SurveyRow): string {
  const why = state?.replacement === undefined ? state?.reason : `use ${state.replacement}`;
  const where = state === undefined || state.version === now ? '' : ` ${state.version}`;
  return [
    ...(state === undefined
      ? []
      : [`${state.state.toUpperCase()}${where}${why === undefined ? '' : `: ${why}`}`]),
    ...(state === undefined && status === 'withdrawn' ? ['GONE'] : []),
    ...(held === undefined
      ? []
      : [
          `${held.version} held until ${formatTimeMs(Date.parse(held.until))} (min_release_age ${formatDurationMs(held.minReleaseAgeMs)})`,
        ]),
    ...(problem === undefined || status === 'withdrawn' ? [] : [problem.message]),
  ].join(' · ');
}

/** `9d`, `3h`, `1y`: an age in a table. */
export function shortAge(time: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(time)) / 1000));
  const steps: readonly (readonly [size: number, unit: string])[] = [
    [365 * 86_400, 'y'],
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'm'],
  ];
  const [size, unit] = steps.find(([each]) => seconds >= each) ?? [1, 's'];
  return `${Math.floor(seconds / size)}${unit}`;
}
