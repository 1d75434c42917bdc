import { WorkflowError } from '../errors.js';
import type { CelUint } from './value.js';

const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

/** Throws WorkflowError `expression.overflow` for what does not fit 64 bits. */
export function checkInt(value: bigint): bigint {
  if (value > INT_MAX || value < -INT_MAX - 1n) {
    throw new WorkflowError('expression.overflow', 'the integer does not fit 64 bits');
  }
  return value;
}

/** Throws WorkflowError `expression.overflow` for what does not fit 64 bits without a sign. */
export function checkUint(value: bigint): CelUint {
  if (value > UINT_MAX || value < 0n) {
    throw new WorkflowError('expression.overflow', 'the unsigned integer does not fit 64 bits');
  }
  return { kind: 'uint', value };
}
