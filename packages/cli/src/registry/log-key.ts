import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { assertLogIdentity, type Pin, type RegistryClient, type TrustStore } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { formatDay } from '../terminal/text.js';

/** What is needed of a session to compare log keys. */
export interface LogSession {
  readonly url: string;
  readonly client: Pick<RegistryClient, 'wellKnown'>;
  readonly trust: () => Promise<TrustStore>;
}

/** What a registry shows of its public log. */
export interface ShownKey {
  readonly origin: string;
  readonly logKey: string;
}

/** Where the pins are kept. */
export function trustDirOf({ paths }: Pick<Context, 'paths'>): string {
  return join(paths.state(), 'trust');
}

/** What the registry shows of itself, in its grammar: it is printed, and pasted into a shell. */
export async function readShownKey(context: Pick<Context, 'signal'>, session: LogSession): Promise<ShownKey> {
  const { origin, logs } = await session.client.wellKnown({ signal: context.signal });
  const log = logs.find((each) => each.realm === 'public');
  if (log === undefined) {
    throw new CliError('log.missing', `${session.url} shows no public log`, { hint: 'ask its operator' });
  }
  const shown = { origin, logKey: log.key };
  assertLogIdentity(shown);
  return shown;
}

/**
 * Compares the log key that a registry shows with the one that is pinned for it; nothing is asked when none is. For
 * verbs that show or send something and need no pin of their own.
 *
 * @throws CliError `log.key_changed`
 */
export async function assertSameLog(
  context: Pick<Context, 'paths' | 'signal'>,
  session: LogSession,
): Promise<void> {
  const known = await findKnownPin(context, session);
  if (known !== undefined) await assertShown(context, session, known);
}

/** @throws CliError `log.key_changed` when the registry shows another key than the pinned one */
export async function assertShown(
  context: Pick<Context, 'signal'>,
  session: LogSession,
  known: Pin,
): Promise<void> {
  const { logKey } = await readShownKey(context, session);
  if (logKey !== known.logKey) throw keyChanged(known, 'shown', logKey);
}

/** The error that names both keys, and how the other is accepted on purpose. */
export function keyChanged(known: Pin, source: 'given' | 'shown', logKey: string): CliError {
  return new CliError(
    'log.key_changed',
    `the log key ${source} is not the one pinned for ${known.url} on ${formatDay(known.pinnedAt)}`,
    {
      evidence: [`pinned  ${known.logKey}`, `${source.padEnd(6)}  ${printable(logKey)}`],
      hint: replaceHint(known.url, logKey),
      verifying: true,
    },
  );
}

/** What to do about another key: the everyday reason first, then what it may be otherwise. */
export function replaceHint(url: string, logKey: string): readonly string[] {
  return [
    `if you made this registry anew: sheaf login ${shellWord(url)} --replace-log-key ${shellWord(logKey)}`,
    'otherwise somebody may stand in its place: ask its operator another way which key is right',
  ];
}

/** The pin, without making the folder of the pins: reading what is public leaves nothing behind and needs no home. */
export async function findKnownPin(
  context: Pick<Context, 'paths'>,
  session: Pick<LogSession, 'url' | 'trust'>,
): Promise<Pin | undefined> {
  return hasPins(context) ? (await session.trust()).findPin(session.url) : undefined;
}

/** Whether anything was ever pinned here: to ask makes no folder. */
export function hasPins(context: Pick<Context, 'paths'>): boolean {
  try {
    return existsSync(trustDirOf(context));
  } catch (error) {
    if (codeOf(error) === 'config.home_missing') return false;
    throw error;
  }
}
