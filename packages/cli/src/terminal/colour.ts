/**
 * Whether a stream gets colours. What asks for none wins, then what asks for them, then the terminal.
 *
 * `NO_COLOR` (https://no-color.org: any text but an empty one), `CLICOLOR` and `CLICOLOR_FORCE`
 * (https://bixense.com/clicolors: `0` is no), and `FORCE_COLOR`, which Node and many CI jobs set.
 */
export function wantsColour(env: Readonly<Record<string, string | undefined>>, isTty: boolean): boolean {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  const isOff = (name: string): boolean => env[name] === '0' || env[name] === 'false';
  if (isSet('NO_COLOR') || isOff('FORCE_COLOR')) return false;
  if (isSet('CLICOLOR_FORCE') && !isOff('CLICOLOR_FORCE')) return true;
  if (isSet('FORCE_COLOR')) return true;
  return isTty && !isOff('CLICOLOR') && env['TERM'] !== 'dumb';
}
