import { isCi } from '../frame/ci.js';
import type { Context } from '../frame/context.js';
import { findNotice, keepNotice } from './told.js';

const AT_MOST_EVERY_MS = 24 * 60 * 60 * 1000;

/** Of what the registries of this process told. */
let newest: string | undefined;

/** Notes which version a registry calls the newest; nobody is asked for it. */
export function noteNewest(version: string | undefined): void {
  if (version !== undefined && (newest === undefined || isNewer(version, newest))) newest = version;
}

type UpdateContext = Pick<Context, 'env' | 'paths' | 'json' | 'now' | 'version'> & {
  readonly ui: Pick<Context['ui'], 'say' | 'stderr'>;
};

/**
 * Tells of a newer version at a terminal, once a day at most: after the output, and where that can be noted.
 *
 * @param latest as a registry said during the work
 */
export async function tellOfUpdate(context: UpdateContext, latest = newest): Promise<void> {
  const { env, json, ui, version } = context;
  if (latest === undefined || !isNewer(latest, version)) return;
  if (json || !ui.stderr.isTty || isCi(context) || (env['SHEAF_NO_UPDATE_NOTICE'] ?? '') !== '') return;
  const told = await findNotice(context, 'update');
  const ageMs = told === undefined ? Infinity : context.now() - told.atMs;
  if (ageMs >= 0 && ageMs < AT_MOST_EVERY_MS) return;
  try {
    await keepNotice(context, 'update', latest);
  } catch {
    // Where it cannot be noted it would be told after every command.
    return;
  }
  ui.say(`sheaf ${latest} is available, this is ${version}: npm install --global @sheaf/cli@${latest}`);
}

/** Whether a release comes after another. What is none, such as a version before a release, is told to nobody. */
export function isNewer(version: string, than: string): boolean {
  const [one, other] = [numbersOf(version), numbersOf(than)];
  if (one === undefined || other === undefined) return false;
  const at = one.findIndex((part, i) => part !== other[i]);
  return at !== -1 && (one[at] ?? 0) > (other[at] ?? 0);
}

function numbersOf(version: string): readonly number[] | undefined {
  const parts = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(version)?.slice(1);
  return parts?.map(Number);
}
