import { WorkflowError } from '../errors.js';
import { quote } from '../text.js';
import { secondsOf } from './time.js';

/** The part of a time that a function asks for, as CEL counts it: months, days of the month and of the year from 0. */
export type TimeField =
  | 'getFullYear'
  | 'getMonth'
  | 'getDate'
  | 'getDayOfMonth'
  | 'getDayOfWeek'
  | 'getDayOfYear'
  | 'getHours'
  | 'getMinutes'
  | 'getSeconds'
  | 'getMilliseconds';

/**
 * A part of a time in a zone: `UTC`, an offset like `+02:00`, or a name of the IANA database as Node knows it.
 * Throws WorkflowError `expression.value` for a zone that there is not.
 */
export function readTimeField(nanos: bigint, field: TimeField, zone = 'UTC'): bigint {
  const millis = Number(secondsOf(nanos)) * 1000;
  const date = new Date(millis + offsetOf(zone, millis));
  switch (field) {
    case 'getFullYear':
      return BigInt(date.getUTCFullYear());
    case 'getMonth':
      return BigInt(date.getUTCMonth());
    case 'getDate':
      return BigInt(date.getUTCDate());
    case 'getDayOfMonth':
      return BigInt(date.getUTCDate() - 1);
    case 'getDayOfWeek':
      return BigInt(date.getUTCDay());
    case 'getDayOfYear':
      return dayOfYear(date);
    case 'getHours':
      return BigInt(date.getUTCHours());
    case 'getMinutes':
      return BigInt(date.getUTCMinutes());
    case 'getSeconds':
      return BigInt(date.getUTCSeconds());
    case 'getMilliseconds':
      return (nanos - secondsOf(nanos) * 1_000_000_000n) / 1_000_000n;
  }
}

const DAY_MS = 86_400_000;

function dayOfYear(date: Date): bigint {
  const first = new Date(0);
  first.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return BigInt(Math.floor((date.getTime() - first.getTime()) / DAY_MS));
}

/** Milliseconds that clocks of the zone are ahead of UTC at a time. */
function offsetOf(zone: string, millis: number): number {
  if (zone === 'UTC' || zone === '') return 0;
  const fixed = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (fixed !== null) {
    return (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000 * (fixed[1] === '-' ? -1 : 1);
  }
  const parts = formatIn(zone, millis);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((candidate) => candidate.type === type)?.value);
  const there = new Date(0);
  there.setUTCFullYear(part('year'), part('month') - 1, part('day'));
  there.setUTCHours(part('hour'), part('minute'), part('second'));
  return there.getTime() - millis;
}

function formatIn(zone: string, millis: number): readonly Intl.DateTimeFormatPart[] {
  const unknown = () =>
    new WorkflowError('expression.value', `${quote(zone, 40)} is not a time zone`, {
      hint: 'name it as in Europe/Berlin, or give an offset as in +02:00',
    });
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(zone)) throw unknown();
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    }).formatToParts(millis);
  } catch (error) {
    if (error instanceof RangeError) throw unknown();
    throw error;
  }
}
