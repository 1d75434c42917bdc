import type { SurveyRow } from '../project/survey.js';
import { shellWord } from '../terminal/shell.js';

/** Of what is locked and was taken back: whether its range has another version. */
function isRangeOfUse({ now, range }: SurveyRow): boolean {
  return range !== undefined && range !== now;
}

/** What is locked, was taken back, and stays where it is unless its range is left: an upgrade within it does nothing. */
export function listStuck(rows: readonly SurveyRow[]): readonly SurveyRow[] {
  return rows.filter((row) => row.status === 'withdrawn' && !isRangeOfUse(row));
}

/** How to move off what was taken back, a line for each way that leads anywhere. */
export function helpOffWithdrawn(rows: readonly SurveyRow[]): readonly string[] {
  const stuck = listStuck(rows);
  const isMovable = rows.some((row) => row.status === 'withdrawn' && isRangeOfUse(row));
  const beyond = stuck.filter(({ now, newest }) => newest !== undefined && newest !== now);
  const lost = stuck.filter((row) => !beyond.includes(row));
  const names = (some: readonly SurveyRow[]) => some.map(({ name }) => shellWord(name)).join(' ');
  return [
    ...(isMovable ? ['move off what was withdrawn: sheaf upgrade'] : []),
    ...(beyond.length === 0
      ? []
      : [`nothing else is in its range; beyond it: sheaf upgrade ${names(beyond)} --latest --dry-run`]),
    ...(lost.length === 0 ? [] : [`no other version can be used: sheaf remove ${names(lost)}`]),
  ];
}
