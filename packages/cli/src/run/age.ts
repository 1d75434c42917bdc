import { CliError } from '../frame/errors.js';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads an age such as `30m`, `12h` or `7d`; milliseconds. @throws CliError `usage.age` */
export function readAge(flag: string, text: string): number {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count === undefined) {
    throw new CliError('usage.age', `--${flag} ${JSON.stringify(text)} is no age`, {
      hint: `minutes, hours or days: --${flag} 30m, 12h, 7d`,
    });
  }
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}
