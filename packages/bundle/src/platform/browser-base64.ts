// `Uint8Array.fromBase64` is too young, and `atob` is not strict.
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const DIGITS = Uint8Array.from(ALPHABET, (digit) => digit.charCodeAt(0));
const PAD = '='.charCodeAt(0);
/** Of what is no digit. */
const NONE = 0xff;
const VALUES = valuesOf(DIGITS);
const ascii = new TextDecoder();

function valuesOf(digits: Uint8Array): Uint8Array {
  const values = new Uint8Array(0x80).fill(NONE);
  for (const [value, code] of digits.entries()) values[code] = value;
  return values;
}

export function encodeBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PAD);
  let length = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i] ?? 0;
    const b = bytes[i + 1] ?? 0;
    const c = bytes[i + 2] ?? 0;
    text[length] = DIGITS[a >> 2] ?? PAD;
    text[length + 1] = DIGITS[((a & 3) << 4) | (b >> 4)] ?? PAD;
    if (i + 1 < bytes.length) text[length + 2] = DIGITS[((b & 15) << 2) | (c >> 6)] ?? PAD;
    if (i + 2 < bytes.length) text[length + 3] = DIGITS[c & 63] ?? PAD;
    length += 4;
  }
  return ascii.decode(text);
}

export function findBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let buffered = 0;
  let bits = 0;
  let length = 0;
  for (let i = 0; i < digits; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? NONE;
    if (value === NONE) return undefined;
    buffered = ((buffered << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = (buffered >> bits) & 0xff;
    }
  }
  return (buffered & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
