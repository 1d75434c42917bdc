import { charge } from '../budget.js';
import { readTimeField, type TimeField } from '../time-fields.js';
import { INT } from '../types.js';
import { textAt, type FunctionTable, type Overload } from './overload.js';

/** To learn what clocks show in a zone takes some tens of microseconds. */
const ZONE_UNITS = 500;

const FIELDS: readonly TimeField[] = [
  'getFullYear',
  'getMonth',
  'getDate',
  'getDayOfMonth',
  'getDayOfWeek',
  'getDayOfYear',
  'getHours',
  'getMinutes',
  'getSeconds',
  'getMilliseconds',
];

/** Of a duration: all its hours, minutes and seconds, but the milliseconds of its last second. */
const OF_DURATION: Partial<Record<TimeField, (nanos: bigint) => bigint>> = {
  getHours: (nanos) => nanos / 3_600_000_000_000n,
  getMinutes: (nanos) => nanos / 60_000_000_000n,
  getSeconds: (nanos) => nanos / 1_000_000_000n,
  getMilliseconds: (nanos) => (nanos / 1_000_000n) % 1000n,
};

/** The parts of times and durations (cel-spec, langdef "Standard definitions"). */
export const TIME_FUNCTIONS: FunctionTable = FIELDS.map((field) => [field, overloadsOf(field)]);

function overloadsOf(field: TimeField): readonly Overload[] {
  const read: Overload['apply'] = (values, budget) => {
    const [value] = values;
    if (typeof value !== 'object' || value?.kind !== 'timestamp') return 0n;
    if (values.length === 1) return readTimeField(value.nanos, field);
    charge(budget, ZONE_UNITS);
    return readTimeField(value.nanos, field, textAt(values, 1));
  };
  const ofDuration = OF_DURATION[field];
  return [
    { target: 'timestamp', args: [], result: INT, apply: read },
    { target: 'timestamp', args: ['string'], result: INT, apply: read },
    ...(ofDuration === undefined
      ? []
      : [
          {
            target: 'duration' as const,
            args: [],
            result: INT,
            apply: ([value]: Parameters<Overload['apply']>[0]) =>
              typeof value === 'object' && value?.kind === 'duration' ? ofDuration(value.nanos) : 0n,
          },
        ]),
  ];
}
