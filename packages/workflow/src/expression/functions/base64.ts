import { WorkflowError } from '../../errors.js';
import { chargeMemory, chargeReading, chargeText, type Budget } from '../budget.js';
import { BYTES, STRING } from '../types.js';
import { isBytes } from '../value.js';
import { textAt, type FunctionTable } from './overload.js';

/** Bytes as base64 (RFC 4648 §4), with padding. */
export function encodeBase64(bytes: Uint8Array, budget: Budget): string {
  chargeText(budget, Math.ceil(bytes.length / 3) * 4);
  let binary = '';
  // One argument for each byte: all at once would be too many.
  for (let at = 0; at < bytes.length; at += 4096) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return btoa(binary);
}

/** Throws WorkflowError `expression.value` for what is no base64; padding may be missing. */
function decodeBase64(text: string, budget: Budget): Uint8Array {
  chargeReading(budget, 2 * text.length);
  chargeMemory(budget, text.length);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) {
    throw new WorkflowError('expression.value', 'the text is not base64');
  }
  const binary = atob(text.replace(/=+$/, ''));
  return Uint8Array.from({ length: binary.length }, (_, at) => binary.charCodeAt(at));
}

/** The functions of cel-go's encoders extension. */
export const BASE64_FUNCTIONS: FunctionTable = [
  [
    'base64.encode',
    [
      {
        args: ['bytes'],
        result: STRING,
        apply: ([value = null], budget) => (isBytes(value) ? encodeBase64(value.value, budget) : ''),
      },
    ],
  ],
  [
    'base64.decode',
    [
      {
        args: ['string'],
        result: BYTES,
        apply: (values, budget) => ({ kind: 'bytes', value: decodeBase64(textAt(values, 0), budget) }),
      },
    ],
  ],
];
