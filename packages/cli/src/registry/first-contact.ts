import { assertLogIdentity, type Pin } from '@sheaf/client';
import { isCi, type Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import type { Session } from './session.js';

export interface ContactOptions {
  /** Accept the log key that the registry shows. */
  readonly yes: boolean;
  /** The log key that the operator publishes, from the command line. */
  readonly logKey?: string | undefined;
  /** Compare a key that is pinned already with the one that the registry shows now. */
  readonly compare?: boolean;
}

/**
 * The pin of a registry. At the first contact it comes from the key that the caller or `SHEAF_LOG_KEY` gives, or from
 * the registry itself after asking; in CI only from a given key.
 *
 * @throws CliError `log.key_unpinned`, `log.key_unknown`, `approval.refused`
 */
export async function ensurePinned(
  context: Context,
  session: Session,
  options: ContactOptions,
): Promise<Pin> {
  const variable = context.env['SHEAF_LOG_KEY'];
  const given = options.logKey ?? (variable === '' ? undefined : variable);
  const trust = await session.trust();
  const known = await trust.findPin(session.url);
  if (known !== undefined) {
    if (given !== undefined) assertPinned(session, known, 'given', given);
    if (options.compare) assertPinned(session, known, 'shown', (await readShownKey(context, session)).logKey);
    return known;
  }
  const shown = await readShownKey(context, session);
  if (given === undefined) await approve(context, session, shown, options.yes);
  else if (given !== shown.logKey) {
    throw new CliError('log.key_unknown', `${session.url} shows another log key than the one given`, {
      evidence: [`given  ${given}`, `shown  ${shown.logKey}`],
      hint: 'check the address and the key with the operator; nothing was pinned',
      verifying: true,
    });
  }
  const pin = await trust.pin({ url: session.url, ...shown });
  context.ui.say(`log key of ${session.url} pinned`);
  return pin;
}

function assertPinned(session: Session, known: Pin, source: 'given' | 'shown', logKey: string): void {
  if (logKey === known.logKey) return;
  throw new CliError(
    'log.key_changed',
    `the log key ${source} is not the one pinned for ${session.url} on ${known.pinnedAt.slice(0, 10)}`,
    {
      evidence: [`pinned  ${known.logKey}`, `${source.padEnd(6)}  ${printable(logKey)}`],
      hint: 'ask the operator another way which one is right before you accept another',
      verifying: true,
    },
  );
}

interface ShownKey {
  readonly origin: string;
  readonly logKey: string;
}

/** What the registry shows of itself, in its grammar: it is printed, and pasted into a shell. */
async function readShownKey(context: Context, session: Session): Promise<ShownKey> {
  const { origin, logs } = await session.client.wellKnown({ signal: context.signal });
  const log = logs.find((each) => each.realm === 'public');
  if (log === undefined) {
    throw new CliError('log.missing', `${session.url} shows no public log`, { hint: 'ask its operator' });
  }
  const shown = { origin, logKey: log.key };
  assertLogIdentity(shown);
  return shown;
}

async function approve(context: Context, session: Session, shown: ShownKey, yes: boolean): Promise<void> {
  const { ui } = context;
  const unattended = isCi(context);
  if (!unattended) {
    ui.say(`first contact with ${session.url}`);
    ui.say(`  origin   ${printable(shown.origin)}`);
    ui.say(`  log key  ${printable(shown.logKey)}`);
  }
  if (yes && !unattended) return;
  if (unattended || !ui.canAsk) {
    throw new CliError(
      'log.key_unpinned',
      `the log key of ${session.url} has not been accepted yet${unattended ? ', and CI does not accept keys by itself' : ''}`,
      {
        evidence: [`it shows ${shown.logKey}`],
        hint: [
          'compare it with what the operator publishes, then',
          loginCommand(session, shown),
          ...(unattended ? ['or set SHEAF_LOG_KEY to it'] : []),
        ],
      },
    );
  }
  ui.say(
    'compare the key with what the operator publishes: everything fetched from there is checked against it',
  );
  if (await ui.confirm('Trust it from now on?')) return;
  throw new CliError('approval.refused', `the log key of ${session.url} was not accepted; nothing was done`, {
    hint: `when you have compared it: ${loginCommand(session, shown)}`,
  });
}

function loginCommand(session: Session, shown: ShownKey): string {
  return `sheaf login ${shellWord(session.url)} --log-key ${shellWord(shown.logKey)}`;
}
