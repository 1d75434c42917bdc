import { findDurationMs } from '@sheaf/client';
import { CliError } from './errors.js';

/** Reads an age such as `90s`, `30m`, `12h` or `7d`, at most ten years; milliseconds. @throws CliError `usage.age` */
export function readAge(flag: string, text: string): number {
  const ms = findDurationMs(text);
  if (ms !== undefined) return ms;
  throw new CliError('usage.age', `--${flag} ${JSON.stringify(text)} is no age`, {
    hint: `seconds, minutes, hours or days: --${flag} 90s, 30m, 12h, 7d`,
  });
}
