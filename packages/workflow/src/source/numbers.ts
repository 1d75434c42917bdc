import type { Finding, Path } from './tree.js';

/** JSON and every reader of the model must agree on each number, so NaN, infinities and unsafe integers are refused. */
export function findNumberProblem(value: number | bigint, path: Path): Finding | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { code: 'value.range', message: 'a number must be finite', path };
  }
  if (typeof value === 'bigint' || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    return {
      code: 'value.range',
      message: 'an integer must lie between -(2^53 - 1) and 2^53 - 1',
      hint: 'write it as text, in quotes',
      path,
    };
  }
  return undefined;
}
