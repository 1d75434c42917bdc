import { hangText, padTo, widthOf } from '../terminal/text.js';

/** Lines under a title; in a pipe each behind the title. Nothing for an empty section. */
export function section(
  columns: number | undefined,
  title: string,
  rows: readonly (readonly string[])[],
): readonly string[] {
  if (rows.length === 0) return [];
  if (columns === undefined) return rows.map((row) => [title, ...row].join('\t'));
  const width = Math.min(MAX_SUBJECT_COLUMNS, Math.max(...rows.map(([first = '']) => widthOf(first))));
  // Nothing is cut: half a rule would say something else than the whole.
  return [
    title,
    ...rows.flatMap(([first = '', ...rest]) =>
      hangText(`  ${padTo(first, width)}  `, rest.filter((part) => part !== '').join(' · '), columns),
    ),
  ];
}

const MAX_SUBJECT_COLUMNS = 40;
