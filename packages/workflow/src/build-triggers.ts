import type { JsonValue, Triggers } from './model.js';
import { optional, readList, readTable, readText, type Table } from './tables.js';

/** The model of `on`. A run by hand is allowed unless the author forbids it. */
export function buildTriggers(data: Table): Triggers {
  return {
    manual: data['manual'] !== false,
    webhooks: readTables(data['webhook']).map((table) => ({
      path: readText(table['path']) ?? '',
      ...optional('secret', readText(table['secret'])),
      ...optional('match', readText(table['match'])),
      with: readTable(table['with']),
    })),
    events: readTables(data['event']).map((table) => ({
      source: readText(table['source']) ?? '',
      ...optional('match', readText(table['match'])),
      with: readTable(table['with']),
    })),
    schedules: readTables(data['schedule']).map((table) => ({
      cron: readText(table['cron']) ?? '',
      ...optional('timezone', readText(table['timezone'])),
      overlap: oneOf(['skip', 'queue', 'allow'], table['overlap']),
      catchUp: oneOf(['none', 'last', 'all'], table['catch_up']),
      with: readTable(table['with']),
    })),
  };
}

function readTables(value: JsonValue | undefined): readonly Table[] {
  return readList(value).map(readTable);
}

/** The first one where none of them is given. */
function oneOf<const T extends string>(values: readonly [T, ...T[]], value: JsonValue | undefined): T {
  return values.find((each) => each === value) ?? values[0];
}
