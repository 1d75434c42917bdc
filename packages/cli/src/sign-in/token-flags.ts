import type { Input } from '../frame/args.js';
import { CliError } from '../frame/errors.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_DAYS = 3650;

interface Lifetime {
  readonly expiresInDays?: number;
  readonly neverExpires?: true;
}

/** The scopes of `--scope`, each bound to what `--namespace` or `--workflow` names. @throws CliError `usage.…` */
export function readScopes(input: Pick<Input, 'all' | 'get'>): readonly string[] {
  const scopes = input.all('scope');
  const namespace = input.get('namespace');
  const target = input.get('workflow') ?? namespace;
  if (target === undefined) return scopes;
  if (namespace !== undefined && input.get('workflow') !== undefined)
    throw new CliError('usage.exclusive_flags', '--namespace and --workflow exclude each other', HELP);
  if (scopes.length === 0 || scopes.some((scope) => scope === '*' || scope.includes(':')))
    throw new CliError(
      'usage.scope',
      'what is bound to a namespace or a workflow needs a plain --scope, such as publish',
      HELP,
    );
  return scopes.map((scope) => `${scope}:${target}`);
}

/** How long a token is to live; nothing when no flag says it. @throws CliError `usage.…` */
export function readLifetime(input: Pick<Input, 'has' | 'get'>, nowMs: number): Lifetime {
  const when = input.get('expires');
  const days = input.get('expires-in-days');
  const isEndless = input.has('no-expiry');
  if ([when !== undefined, days !== undefined, isEndless].filter(Boolean).length > 1)
    throw new CliError(
      'usage.exclusive_flags',
      '--expires, --expires-in-days and --no-expiry exclude each other',
      HELP,
    );
  if (isEndless) return { neverExpires: true };
  if (days !== undefined) return { expiresInDays: inRange('expires-in-days', days, plainDays(days)) };
  if (when !== undefined) return { expiresInDays: inRange('expires', when, readWhen(when, nowMs)) };
  return {};
}

function readWhen(text: string, nowMs: number): number {
  const span = /^([1-9]\d{0,3})([dw])$/.exec(text);
  if (span) return Number(span[1]) * (span[2] === 'w' ? 7 : 1);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return Math.ceil((Date.parse(`${text}T00:00:00Z`) - nowMs) / DAY_MS);
  return plainDays(text);
}

function plainDays(text: string): number {
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : NaN;
}

function inRange(flag: string, text: string, days: number): number {
  if (days >= 1 && days <= MAX_DAYS) return days;
  throw new CliError(
    `usage.${flag.replaceAll('-', '_')}`,
    flag === 'expires'
      ? `--expires ${JSON.stringify(text)} is no time from 1 to ${MAX_DAYS} days, such as 30d, 12w or a date`
      : `--${flag} ${JSON.stringify(text)} is not a number from 1 to ${MAX_DAYS}`,
    HELP,
  );
}

const HELP = { hint: 'sheaf token create --help' };
