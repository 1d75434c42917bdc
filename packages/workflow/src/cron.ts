/** The times of a schedule: the values that each field allows, ascending. Days of the week count from Sunday, 0. */
export interface CronTimes {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  readonly weekdays: readonly number[];
  /** Does a time need one of the two only? So it is when both day fields are given (POSIX crontab). */
  readonly eitherDay: boolean;
}

/** Why a schedule cannot be read, and which part of the text it is about. */
export interface CronProblem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Field[] = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of the month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, names: MONTHS },
  { name: 'day of the week', least: 0, most: 7, names: WEEKDAYS },
];
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads the five fields of crontab(5): `*`, numbers, ranges, steps, lists, and the names of months and days of the week. A schedule that
 * no day of any year fits is a problem too.
 */
export function parseCron(text: string): { readonly times: CronTimes } | { readonly problem: CronProblem } {
  const words = [...text.matchAll(/\S+/g)];
  if (words.length !== FIELDS.length) {
    const message = `a schedule has five fields, not ${words.length}`;
    return { problem: { message, start: 0, end: text.length } };
  }
  const values: (readonly number[])[] = [];
  for (const [at, field] of FIELDS.entries()) {
    const word = words[at];
    const [source, start] = [word?.[0] ?? '', word?.index ?? 0];
    const found = parseField(source, field);
    if (typeof found === 'string') {
      return { problem: { message: found, start, end: start + source.length } };
    }
    values.push(found);
  }
  const [minutes = [], hours = [], days = [], months = [], sundays = []] = values;
  const weekdays = [...new Set(sundays.map((day) => day % 7))].sort((a, b) => a - b);
  const [dayWord = '', weekdayWord = ''] = [words[2]?.[0], words[4]?.[0]];
  const eitherDay = !dayWord.startsWith('*') && !weekdayWord.startsWith('*');
  const isPossible =
    eitherDay || months.some((month) => days.some((day) => day <= (LENGTHS[month - 1] ?? 0)));
  if (!isPossible) {
    const message = 'no day of any year is such a day';
    return { problem: { message, start: words[2]?.index ?? 0, end: text.length } };
  }
  return { times: { minutes, hours, days, months, weekdays, eitherDay } };
}

/** The values of a field, or what is wrong with it. */
function parseField(source: string, field: Field): readonly number[] | string {
  const values = new Set<number>();
  for (const part of source.split(',')) {
    const match = /^(\*|[a-z0-9]{1,9})(?:-([a-z0-9]{1,9}))?(?:\/(\d{1,4}))?$/i.exec(part);
    const [, from = '', to, every] = match ?? [];
    if (match === null || (from === '*' && to !== undefined)) return `the ${field.name} cannot be read`;
    const first = from === '*' ? field.least : parseValue(from, field);
    const last =
      to !== undefined ? parseValue(to, field) : from === '*' || every !== undefined ? field.most : first;
    if (first === undefined || last === undefined) {
      return `the ${field.name} lies between ${field.least} and ${field.most}`;
    }
    if (first > last) return `a range of the ${field.name} goes backwards`;
    const step = every === undefined ? 1 : Number(every);
    if (step === 0) return `a step of the ${field.name} is 0`;
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function parseValue(text: string, { least, most, names }: Field): number | undefined {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named !== -1) return named + least;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}
