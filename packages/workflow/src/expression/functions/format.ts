import { WorkflowError } from '../../errors.js';
import { charge, chargeReading, chargeText, checkDepth, type Budget } from '../budget.js';
import { compareText } from '../equality.js';
import { formatDuration, formatTimestamp } from '../time.js';
import { STRING } from '../types.js';
import { asKey, isBytes, isUint, typeOf, type CelMap, type CelValue } from '../value.js';
import { listAt, textAt, type FunctionTable } from './overload.js';

/** `format` and `quote` of cel-go's strings extension. */
export const FORMAT_FUNCTIONS: FunctionTable = [
  ['format', [{ target: 'string', args: ['list'], result: STRING, apply: format }]],
  [
    'strings.quote',
    [
      {
        args: ['string'],
        result: STRING,
        apply: (values, budget) => {
          chargeReading(budget, 4 * textAt(values, 0).length);
          const quoted = quoteText(textAt(values, 0));
          chargeText(budget, quoted.length);
          return quoted;
        },
      },
    ],
  ],
];

const MAX_PRECISION = 100;

function format(values: readonly CelValue[], budget: Budget): string {
  const template = textAt(values, 0);
  const list = listAt(values, 1);
  chargeReading(budget, template.length);
  let next = 0;
  let length = 0;
  const pattern = /%(?:%|(?:\.(\d{1,4}))?([A-Za-z]?))/g;
  return template.replace(
    pattern,
    (clause: string, digits: string | undefined, letter: string | undefined) => {
      if (clause === '%%') return '%';
      if (next >= list.length) fail(`the list has no item ${next} for ${clause}`);
      const precision = digits === undefined ? 6 : Number(digits);
      if (precision > MAX_PRECISION) fail(`at most ${MAX_PRECISION} digits can be asked for`);
      const written = formatClause(letter ?? '', list.at(next++), precision, budget);
      length += written.length;
      chargeText(budget, length);
      return written;
    },
  );
}

function formatClause(letter: string, value: CelValue, precision: number, budget: Budget): string {
  switch (letter) {
    case 's':
      return show(value, budget, 0);
    case 'd':
      return isWhole(value) || typeof value === 'number' ? show(value, budget, 0) : refuse(letter, value);
    case 'f':
    case 'e':
      return formatNumber(letter, value, precision);
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return isWhole(value) ? whole(value).toString(2) : refuse(letter, value);
    case 'o':
      return isWhole(value) ? whole(value).toString(8) : refuse(letter, value);
    case 'x':
      return formatHex(value, budget);
    case 'X':
      return formatHex(value, budget).toUpperCase();
    default:
      return fail(`%${letter} means nothing`, 'use %s %d %f %e %b %o %x %X or %%');
  }
}

function isWhole(value: CelValue): boolean {
  return typeof value === 'bigint' || isUint(value);
}

function whole(value: CelValue): bigint {
  return typeof value === 'bigint' ? value : isUint(value) ? value.value : 0n;
}

function formatNumber(letter: 'e' | 'f', value: CelValue, precision: number): string {
  const number = isWhole(value) ? Number(whole(value)) : value;
  if (typeof number !== 'number') return refuse(letter, value);
  if (!Number.isFinite(number)) return String(number);
  if (letter === 'e') {
    const [mantissa = '', exponent = ''] = number.toExponential(precision).split('e');
    return `${mantissa}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, '0')}`;
  }
  if (Math.abs(number) >= 1e21)
    return `${BigInt(number).toString()}${precision > 0 ? '.' : ''}${'0'.repeat(precision)}`;
  return toFixedEven(number, precision);
}

/** Like `toFixed`, which rounds an exact half up; here it goes to the even digit (IEEE 754). */
function toFixedEven(number: number, precision: number): string {
  const rounded = number.toFixed(precision);
  const exact = number.toFixed(100);
  const cut = exact.indexOf('.') + 1 + precision;
  if (!/^50*$/.test(exact.slice(cut))) return rounded;
  const down = exact.slice(0, precision === 0 ? cut - 1 : cut);
  return /[02468]$/.test(down) ? down : rounded;
}

function formatHex(value: CelValue, budget: Budget): string {
  if (isWhole(value)) return whole(value).toString(16);
  const bytes =
    typeof value === 'string'
      ? new TextEncoder().encode(value)
      : isBytes(value)
        ? value.value
        : refuse('x', value);
  chargeText(budget, 2 * bytes.length);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A value as `%s` writes it. */
function show(value: CelValue, budget: Budget, depth: number): string {
  charge(budget, 1);
  checkDepth(depth);
  if (value === null || typeof value !== 'object') return String(value);
  switch (value.kind) {
    case 'uint':
      return value.value.toString();
    case 'bytes':
      chargeText(budget, value.value.length);
      return new TextDecoder().decode(value.value);
    case 'timestamp':
      return formatTimestamp(value.nanos);
    case 'duration':
      return formatDuration(value.nanos);
    case 'type':
      return value.name;
    case 'secret':
      return refuse('s', value);
    case 'list': {
      const items: string[] = [];
      for (let at = 0; at < value.length; at++) {
        const item = show(value.at(at), budget, depth + 1);
        chargeText(budget, item.length);
        items.push(item);
      }
      return `[${items.join(', ')}]`;
    }
    case 'map':
      return showMap(value, budget, depth);
  }
}

/** In the order of the keys as they are written, so that equal maps look the same. */
function showMap(map: CelMap, budget: Budget, depth: number): string {
  const entries: (readonly [string, string])[] = [];
  for (const key of map.keys()) {
    const found = asKey(key);
    const value = found === undefined ? undefined : map.get(found);
    const entry = [show(key, budget, depth + 1), show(value ?? null, budget, depth + 1)] as const;
    chargeText(budget, entry[0].length + entry[1].length);
    entries.push(entry);
  }
  entries.sort(([a], [b]) => compareText(a, b));
  return `{${entries.map(([key, value]) => `${key}: ${value}`).join(', ')}}`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

function quoteText(text: string): string {
  const escaped = Array.from(
    text,
    (character) => ESCAPES.get(character) ?? character.replace(/\p{Surrogate}/u, '\ufffd'),
  );
  return `"${escaped.join('')}"`;
}

function refuse(letter: string, value: CelValue): never {
  return fail(`%${letter} does not write a value of type ${typeOf(value)}`);
}

function fail(message: string, hint?: string): never {
  throw new WorkflowError('expression.value', message, hint === undefined ? {} : { hint });
}
