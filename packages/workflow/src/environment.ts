import type { JsonValue } from './model.js';

/**
 * A value as an environment variable holds it: text as it is, numbers in decimal, booleans as `true` or `false`,
 * lists and maps as JSON, null as the empty text.
 */
export function toEnvironmentString(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'number') return decimal(value);
  return JSON.stringify(value);
}

/** The variable a parameter arrives in: `since-tag` is `PARAM_SINCE_TAG`. */
export function parameterVariable(name: string): string {
  return `PARAM_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** The variable that an input of a reusable step arrives in: `since-tag` is `INPUT_SINCE_TAG`. */
export function inputVariable(name: string): string {
  return `INPUT_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** Shells do not read `1e21`, so large and small numbers are written out in full. */
function decimal(value: number): string {
  const text = String(value);
  const [mantissa = '', exponent] = text.split('e');
  if (exponent === undefined) return text;
  const negative = mantissa.startsWith('-');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  const plain =
    point <= 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : point >= digits.length
        ? digits + '0'.repeat(point - digits.length)
        : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${plain}` : plain;
}
