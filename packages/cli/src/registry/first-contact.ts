import { parseLogVerifier } from '@sheaf/bundle';
import { logKeyRulesOf, type Pin } from '@sheaf/client';
import { isCi } from '../frame/ci.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { assertShown, keyChanged, readShownKey, type ShownKey } from './log-key.js';
import { loadPolicy } from './policy-files.js';
import type { Session } from './session.js';

/** Of a key that cannot be read, so many characters are shown. */
const MAX_SHOWN = 200;

export interface ContactOptions {
  /** Accept the log key that the registry shows. */
  readonly yes: boolean;
  /** The log key that the operator publishes, from the command line. */
  readonly logKey?: string | undefined;
  /** Compare a key that is pinned already with the one that the registry shows now. */
  readonly compare?: boolean;
  /** Accept this key in the place of the one that is pinned; nothing else is accepted with it. */
  readonly replaceLogKey?: string | undefined;
  /** A token is being read from stdin, which a command to repeat must not lose. */
  readonly withToken?: boolean;
}

/**
 * The pin of a registry. At the first contact it comes from the key that the caller or `SHEAF_LOG_KEY` gives, or from
 * the registry itself after asking; a key that a policy file names needs no question. In CI only from a given or named
 * key.
 *
 * @throws CliError `log.key_unpinned`, `log.key_unknown`, `log.key_changed`, `approval.refused`
 */
export async function ensurePinned(
  context: Context,
  session: Session,
  options: ContactOptions,
): Promise<Pin> {
  const given = readGivenKey(options.logKey, context.env);
  const trust = await session.trust();
  const known = await trust.findPin(session.url);
  if (options.replaceLogKey !== undefined) return replaceKey(context, session, known, options.replaceLogKey);
  if (known !== undefined) {
    if (given !== undefined && given !== known.logKey) throw keyChanged(known, 'given', given);
    if (options.compare) await assertShown(context, session, known);
    return known;
  }
  const shown = await readShownKey(context, session);
  const ruled = given === undefined ? await findRuled(context, shown) : undefined;
  if (given !== undefined) assertGiven(session, shown, given);
  else if (ruled === undefined) await approve(context, session, shown, options);
  const pin = await trust.pin({ url: session.url, ...shown });
  context.ui.say(
    `log key of ${session.url} pinned${given === undefined ? '' : ', the one given'}${ruled === undefined ? '' : `, the one that ${ruled} names`}`,
  );
  return pin;
}

/**
 * Where a policy file names the key that is shown; undefined when none speaks of this registry.
 *
 * @throws CliError `log.key_unknown` when they name others only
 */
async function findRuled(context: Context, shown: ShownKey): Promise<string | undefined> {
  const rules = logKeyRulesOf((await loadPolicy(context)).policy, shown.origin);
  const [first] = rules;
  if (first === undefined) return undefined;
  const rule = rules.find(({ logKey }) => logKey === shown.logKey);
  if (rule !== undefined) return `${rule.place.file}:${rule.place.line}`;
  const place = `${first.place.file}:${first.place.line}`;
  throw new CliError(
    'log.key_unknown',
    `the registry shows another log key than the one that ${place} names`,
    {
      evidence: [`ruled  ${first.logKey ?? ''}`, `shown  ${shown.logKey}`],
      hint: 'check the address and the key with the operator; nothing was pinned',
      verifying: true,
    },
  );
}

async function replaceKey(
  context: Context,
  session: Session,
  known: Pin | undefined,
  given: string,
): Promise<Pin> {
  const shown = await readShownKey(context, session);
  assertGiven(session, shown, readKey(given, '--replace-log-key'));
  const trust = await session.trust();
  const pin = await trust.pin({ url: session.url, ...shown }, { replace: true });
  const { ui } = context;
  if (known === undefined) ui.say(`log key of ${session.url} pinned, the one given`);
  else if (known.logKey === pin.logKey) ui.say(`this log key of ${session.url} was pinned already`);
  else {
    ui.say(`log key of ${session.url} replaced by the one given`);
    ui.say('what was seen of the log before, and what you approved of its publishers, counts no more');
  }
  return pin;
}

/**
 * The log key that was given, by the flag or else by `SHEAF_LOG_KEY`. One that was cut is no other key of the registry.
 *
 * @throws CliError `log.key_invalid`
 */
export function readGivenKey(flag: string | undefined, env: Context['env']): string | undefined {
  const variable = env['SHEAF_LOG_KEY'];
  const given = flag ?? (variable === '' ? undefined : variable);
  if (given === undefined) return undefined;
  return readKey(given, flag === undefined ? 'SHEAF_LOG_KEY' : '--log-key');
}

function readKey(given: string, from: string): string {
  try {
    return parseLogVerifier(given).text;
  } catch (error) {
    const what = given === '' ? 'is empty' : `is no log key: ${(error as Error).message}`;
    throw new CliError('log.key_invalid', `${from} ${what}`, {
      ...(given === '' ? {} : { evidence: [`given  ${printable(given.slice(0, MAX_SHOWN))}`] }),
      hint: 'copy the whole key from where the operator publishes it: ORIGIN/log/public+HASH+KEY',
      cause: error,
    });
  }
}

function assertGiven(session: Session, shown: ShownKey, given: string): void {
  if (given === shown.logKey) return;
  throw new CliError('log.key_unknown', `${session.url} shows another log key than the one given`, {
    evidence: [`given  ${given}`, `shown  ${shown.logKey}`],
    hint: 'check the address and the key with the operator; nothing was pinned',
    verifying: true,
  });
}

async function approve(
  context: Context,
  session: Session,
  shown: ShownKey,
  { yes, withToken = false }: ContactOptions,
): Promise<void> {
  const { ui } = context;
  const unattended = isCi(context);
  if (!unattended) {
    ui.say(`first contact with ${session.url}`);
    const { host } = new URL(session.url);
    const isOther = host !== shown.origin;
    ui.say(
      `  origin   ${printable(shown.origin)}${isOther ? `, which is NOT the host ${host} of its address` : ''}`,
    );
    ui.say(`  log key  ${printable(shown.logKey)}`);
  }
  if (yes && !unattended) {
    ui.say('accepted by --yes: this key, for all that is fetched from there from now on');
    return;
  }
  if (unattended || !ui.canAsk) {
    throw new CliError(
      'log.key_unpinned',
      `the log key of ${session.url} has not been accepted yet${unattended ? ', and CI does not accept keys by itself' : ''}`,
      {
        evidence: [`it shows ${shown.logKey}`],
        hint: [
          'compare it with what the operator publishes, then',
          loginCommand(session, shown, withToken),
          ...(unattended ? ['or set SHEAF_LOG_KEY to it'] : []),
        ],
      },
    );
  }
  ui.say('compare the key with what the operator publishes:');
  ui.say('everything fetched from there is checked against it');
  if (await ui.confirm('Trust it from now on?')) return;
  throw new CliError('approval.refused', `the log key of ${session.url} was not accepted; nothing was done`, {
    hint: `when you have compared it: ${loginCommand(session, shown, withToken)}`,
  });
}

function loginCommand(session: Session, shown: ShownKey, withToken: boolean): string {
  return `sheaf login ${shellWord(session.url)} --log-key ${shellWord(shown.logKey)}${withToken ? ' --with-token < FILE-WITH-THE-TOKEN' : ''}`;
}
