import { WorkflowError } from '../../errors.js';
import { quote } from '../../text.js';
import { charge, chargeMemory, chargeReading, chargeText, type Budget } from '../budget.js';
import { checkInt, checkUint } from '../integers.js';
import {
  formatDuration,
  formatTimestamp,
  parseDuration,
  parseTimestamp,
  secondsOf,
  timestampOfSeconds,
} from '../time.js';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  STRING,
  TIMESTAMP,
  TYPE,
  UINT,
  type CelType,
} from '../types.js';
import { typeNameOf, typeOf, type CelUint, type CelValue } from '../value.js';
import type { ArgumentType, FunctionTable, Overload } from './overload.js';

/** The conversions of cel-spec, langdef "Standard definitions". */
export const CONVERSIONS: FunctionTable = [
  [
    'string',
    conversions(
      ['string', 'int', 'uint', 'double', 'bool', 'bytes', 'timestamp', 'duration'],
      STRING,
      toText,
    ),
  ],
  ['int', conversions(['int', 'uint', 'double', 'string', 'timestamp'], INT, toInt)],
  ['uint', conversions(['uint', 'int', 'double', 'string'], UINT, toUint)],
  ['double', conversions(['double', 'int', 'uint', 'string'], DOUBLE, toDouble)],
  ['bool', conversions(['bool', 'string'], BOOL, toBool)],
  ['bytes', conversions(['bytes', 'string'], BYTES, toBytes)],
  ['timestamp', conversions(['timestamp', 'string', 'int'], TIMESTAMP, toTimestamp)],
  [
    'duration',
    conversions(['duration', 'string'], DURATION, (value, budget) => {
      if (typeof value !== 'string') return value;
      charge(budget, PARSE_UNITS);
      return parseDuration(value);
    }),
  ],
  ['dyn', conversions(['any'], DYN, (value) => value)],
  ['type', conversions(['any'], TYPE, (value) => ({ kind: 'type', name: typeNameOf(typeOf(value)) }))],
];

function conversions(
  from: readonly ArgumentType[],
  result: CelType,
  apply: (value: CelValue, budget: Budget) => CelValue,
): readonly Overload[] {
  return from.map((type) => ({
    args: [type],
    result,
    apply: ([value = null], budget) => apply(value, budget),
  }));
}

function toText(value: CelValue, budget: Budget): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  switch (value.kind) {
    case 'uint':
      return value.value.toString();
    case 'bytes':
      chargeText(budget, value.value.length);
      return decodeUtf8(value.value);
    case 'timestamp':
      return formatTimestamp(value.nanos);
    case 'duration':
      return formatDuration(value.nanos);
    default:
      return cannotConvert(value, 'text');
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new WorkflowError('expression.value', 'the bytes are not UTF-8', { cause });
  }
}

function toInt(value: CelValue): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return checkInt(truncate(value));
  if (typeof value === 'string' && /^[+-]?\d{1,20}$/.test(value)) {
    return checkInt(BigInt(value.replace('+', '')));
  }
  if (typeof value === 'object' && value !== null) {
    if (value.kind === 'uint') return checkInt(value.value);
    if (value.kind === 'timestamp') return secondsOf(value.nanos);
  }
  return cannotConvert(value, 'an integer');
}

function toUint(value: CelValue): CelUint {
  if (typeof value === 'bigint') return checkUint(value);
  if (typeof value === 'number') return checkUint(truncate(value));
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return checkUint(BigInt(value));
  if (typeof value === 'object' && value?.kind === 'uint') return value;
  return cannotConvert(value, 'an unsigned integer');
}

/** The largest doubles that are near the ends of 64 bits are refused too: what was meant cannot be told. */
function truncate(value: number): bigint {
  if (!Number.isFinite(value) || value <= -(2 ** 63) || value >= 2 ** 64 || value === 2 ** 63) {
    throw new WorkflowError('expression.overflow', 'the number does not fit 64 bits');
  }
  return BigInt(Math.trunc(value));
}

function toDouble(value: CelValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'object' && value?.kind === 'uint') return Number(value.value);
  if (typeof value === 'string') {
    if (/^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?$/.test(value))
      return Number(value);
    if (/^(?:NaN|[+-]?Infinity)$/.test(value)) return Number(value);
  }
  return cannotConvert(value, 'a number');
}

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'True', 'TRUE', 't', '1'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE', 'f', '0'].map((word) => [word, false] as const),
]);

function toBool(value: CelValue): boolean {
  if (typeof value === 'boolean') return value;
  return (typeof value === 'string' ? WORDS.get(value) : undefined) ?? cannotConvert(value, 'true or false');
}

function toBytes(value: CelValue, budget: Budget): CelValue {
  if (typeof value !== 'string') return value;
  chargeReading(budget, value.length);
  chargeMemory(budget, 3 * value.length);
  return { kind: 'bytes', value: new TextEncoder().encode(value) };
}

/** To read a time or a duration takes some microseconds. */
const PARSE_UNITS = 30;

function toTimestamp(value: CelValue, budget: Budget): CelValue {
  if (typeof value === 'string') {
    charge(budget, PARSE_UNITS);
    return parseTimestamp(value);
  }
  return typeof value === 'bigint' ? timestampOfSeconds(value) : value;
}

function cannotConvert(value: CelValue, what: string): never {
  const shown = typeof value === 'string' ? quote(value, 40) : typeOf(value);
  throw new WorkflowError('expression.value', `${shown} is not ${what}`);
}
