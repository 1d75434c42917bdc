import type { TokenCredential } from '../config/credential-format.js';
import { shellWord } from '../terminal/shell.js';
import { plural } from '../terminal/text.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const WARN_DAYS = 7;

/** What to say of a token that ends within a week; undefined when there is nothing to say. */
export function expiryWarning(
  { expiresAt }: Pick<TokenCredential, 'expiresAt'>,
  url: string,
  nowMs: number,
): string | undefined {
  const leftMs = expiresAt === undefined ? NaN : Date.parse(expiresAt) - nowMs;
  if (!(leftMs <= WARN_DAYS * DAY_MS)) return undefined;
  const place = shellWord(url);
  if (leftMs <= 0) return `the token for ${place} has ended: sheaf login ${place}`;
  return `the token for ${place} ends in ${plural(Math.ceil(leftMs / DAY_MS), 'day')}: sheaf token create --name NAME`;
}
