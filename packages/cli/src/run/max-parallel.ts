import type { Flag, Input } from '../frame/args.js';
import { CliError } from '../frame/errors.js';

export const MAX_PARALLEL_FLAG: Flag = {
  name: 'max-parallel',
  value: 'N',
  summary: 'steps at the same time (default: processors)',
};

/** @throws CliError `usage.max_parallel` */
export function readMaxParallel(input: Pick<Input, 'get'>): { readonly maxParallel?: number } {
  const text = input.get('max-parallel');
  if (text === undefined) return {};
  if (/^[1-9]\d{0,3}$/.test(text)) return { maxParallel: Number(text) };
  throw new CliError(
    'usage.max_parallel',
    `--max-parallel ${JSON.stringify(text)} is not a number from 1 to 9999`,
    { hint: '--max-parallel 4' },
  );
}
