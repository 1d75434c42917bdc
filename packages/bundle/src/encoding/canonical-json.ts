import { BundleError } from '../error.js';
import { encodeUtf8, isWellFormed } from './bytes.js';

/** What canonical JSON can carry here: no floating-point number ever reaches a signed or logged byte. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue | undefined };

/**
 * The one encoding of a value (RFC 8785, narrowed to safe integers). Members that are undefined are left out.
 *
 * @throws BundleError `json.invalid` for a float, an unsafe integer or a lone surrogate
 */
export function canonicalJson(value: CanonicalValue): Uint8Array {
  return encodeUtf8(canonicalText(value));
}

function canonicalText(value: CanonicalValue): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return integer(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (isList(value)) return `[${value.map(canonicalText).join(',')}]`;
  // The default sort order is that of UTF-16 code units, which is what RFC 8785 §3.2.3 asks for.
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members.push(`${quote(key)}:${canonicalText(member)}`);
  }
  return `{${members.join(',')}}`;
}

function isList(value: CanonicalValue): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}

/** What JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!isWellFormed(text)) throw new BundleError('json.invalid', 'a string holds half a surrogate pair');
  return JSON.stringify(text);
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    throw new BundleError('json.invalid', `${value} is not an integer that every reader agrees on`);
  }
  return String(value);
}
