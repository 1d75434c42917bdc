import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClientError, failureKindOf, isClientError, isVerificationFailure, type Remedy } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import { hintOf } from '../frame/remedy.js';
import { printable, printableLines } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import type { RegistryChoice } from './choose.js';
import { assertSameLog, findKnownPin, type LogSession } from './log-key.js';

/** What is used of the outside world to explain a failure. */
type FailureContext = Pick<Context, 'env' | 'paths' | 'signal' | 'now'> & {
  readonly ui: Pick<Context['ui'], 'say'>;
};

/** Adds to what failed with a registry what only the command line knows. */
export async function explainFailure(
  error: unknown,
  session: LogSession & { readonly choice: RegistryChoice },
  context: FailureContext,
): Promise<unknown> {
  if (isVerificationFailure(error)) {
    const explained = await explainVerification(error, context);
    return error.code === 'log.key_unknown' ? withBothKeys(explained, session, context) : explained;
  }
  const code = codeOf(error);
  if (isClientError(error, 'auth.token_invalid') && error.problem !== undefined)
    return explainToken(error, session, context);
  // A registry that was made anew lacks what was there: the reason matters more than what is not found.
  if (code?.endsWith('.not_found') === true)
    return (await findChange(session, context))?.error ?? namePlace(error, session.choice);
  if (
    code === 'network.unreachable' &&
    session.choice.from === 'default' &&
    (await findKnownPin(context, session)) === undefined
  ) {
    return new CliError(
      'network.unreachable',
      `no registry is configured, and none runs at ${session.choice.url}`,
      { cause: error, hint: ['name yours: sheaf login URL', 'or start one on this machine with npm start'] },
    );
  }
  return error;
}

/** Says which registry was asked, and why that one: `search` without a flag may ask another. */
function namePlace(error: unknown, { url, from }: RegistryChoice): unknown {
  if (!isClientError(error, 'workflow.not_found') || error.problem === undefined) return error;
  const why = { reference: 'as its name says', default: 'the default' }[from as string] ?? `of ${from}`;
  return new ClientError(error.code, `${error.message} at ${url} (${why})`, {
    hint: `check its name, or sign in: what is private looks absent to strangers; sheaf search --registry ${shellWord(url)}  shows what is there`,
    cause: error,
    problem: error.problem,
    retry: error.retry,
  });
}

/** Where the token that the registry refuses came from, and how another is put in its place. */
function explainToken(error: ClientError, { url }: LogSession, { env }: FailureContext): CliError {
  const variable = env['SHEAF_TOKEN']?.trim() ?? '';
  return new CliError(error.code, error.message, {
    cause: error,
    hint: [
      ...(error.hint === undefined
        ? []
        : [error.hint.replace(/^[A-Z]/, (c) => c.toLowerCase()).replace(/\.$/, '')]),
      variable === ''
        ? `sign in again: sheaf login ${shellWord(url)}, or with another token: sheaf login ${shellWord(url)} --with-token < FILE-WITH-THE-TOKEN`
        : 'it stands in SHEAF_TOKEN: set it to another, or unset it to use the one stored by sheaf login URL --with-token',
    ],
    data: { problem: error.problem },
  });
}

/** Adds the pinned key and the shown one, when the registry shows another; else the log was signed by a third. */
async function withBothKeys(
  explained: CliError,
  session: LogSession,
  context: FailureContext,
): Promise<CliError> {
  const change = await findChange(session, context);
  if (change === undefined) return explained;
  return new CliError(explained.code, explained.message, {
    cause: explained.cause,
    evidence: [...change.error.evidence, ...explained.evidence],
    hint: change.error.hint,
    data: explained.data,
    verifying: true,
  });
}

/** The error about another log key than the pinned one, if the registry shows one now. */
async function findChange(
  session: LogSession,
  context: FailureContext,
): Promise<{ readonly error: CliError } | undefined> {
  try {
    await assertSameLog(context, session);
    return undefined;
  } catch (error) {
    // Whatever else fails here must not hide what failed first.
    return error instanceof CliError && error.code === 'log.key_changed' ? { error } : undefined;
  }
}

/** What is known of a workflow that was sent, when the answer did not come or does not hold. */
const MAYBE_PUBLISHED =
  'the workflow may have been published: run the same command again, it is safe and says which';

const MAYBE_PUBLISHED_THERE =
  'the workflow may have been published; send nothing more to this registry before its operator has explained this';

/**
 * Adds to a failed publish that it may have happened all the same: the registry took it, or its answer was lost. What
 * it refused in so many words, and what never left this machine, is returned as it is.
 *
 * @param isAccepted the registry answered that it took the workflow
 */
export async function explainUnproven(
  error: unknown,
  isAccepted: boolean,
  context: FailureContext,
): Promise<unknown> {
  if (isVerificationFailure(error)) {
    const isContradiction = CONTRADICTION.test(error.code);
    return explainVerification(error, context, isContradiction ? MAYBE_PUBLISHED_THERE : MAYBE_PUBLISHED);
  }
  const code = codeOf(error);
  if (code === undefined || !(isAccepted || isAnswerLost(error))) return error;
  return new CliError(code, (error as Error).message, {
    cause: error,
    hint: hintOf(error as { readonly hint?: string; readonly remedy?: Remedy }),
    evidence: [MAYBE_PUBLISHED],
  });
}

function isAnswerLost(error: unknown): boolean {
  if (!isClientError(error) || error.problem !== undefined) return false;
  return error.retry?.maybeReceived === true || /^(response|receipt)\./.test(error.code);
}

/** Files of evidence that are kept. */
const MAX_EVIDENCE = 50;

/** A log that contradicts itself, or breaks a rule of its own: what shows it is for others to see, too. */
const CONTRADICTION = /^(?:log\.(?:fork|rollback)$|audit\.)/;

/** Which checks passed, which failed, which were not reached, and what that leaves. */
export async function explainVerification(
  error: ClientError,
  context: FailureContext,
  consequence = 'nothing was unpacked or run',
): Promise<CliError> {
  const { steps, notReached, evidence } = error.verification ?? { steps: [], notReached: [], evidence: [] };
  const named = (status: 'ok' | 'fail'): string =>
    steps
      .filter((step) => step.status === status)
      .map((step) => step.id)
      .join(', ');
  const parts = [
    ['ok', named('ok')],
    ['FAIL', named('fail')],
    ['not reached', notReached.join(', ')],
  ].flatMap(([word = '', ids = '']) => (ids === '' ? [] : [`${word} ${ids}`]));
  if (CONTRADICTION.test(error.code)) showEvidence(evidence, context);
  const kind = failureKindOf(error.code) ?? 'wrong';
  // What a policy refuses is right in itself, and the rule that says so lies in a file already.
  const kept = kind === 'refused' ? undefined : await keepEvidence(error, context);
  return new CliError(error.code, error.message, {
    cause: error,
    hint: hintOf(error),
    evidence: [
      [kind, ...parts].join(' · '),
      consequence,
      ...(kept === undefined ? [] : [`evidence kept in ${kept}`]),
    ],
    data: { kind, checks: { steps, notReached }, ...(kept === undefined ? {} : { evidenceFile: kept }) },
    verifying: true,
  });
}

function showEvidence(
  evidence: readonly { readonly name: string; readonly text: string }[],
  { ui }: Pick<FailureContext, 'ui'>,
): void {
  for (const { name, text } of evidence) {
    // For programs; it is in the file.
    if (name === 'receipt') continue;
    ui.say(`== ${printable(name)}`);
    ui.say(printableLines(text.trimEnd()));
  }
}

/** Evidence is small; a thousand times the same failure is no more evidence than fifty times. */
async function forgetOldest(dir: string): Promise<void> {
  // Their names begin with the time.
  const names = (await readdir(dir)).filter((name) => name.endsWith('.txt')).sort();
  await Promise.all(names.slice(0, -(MAX_EVIDENCE - 1)).map((name) => rm(join(dir, name), { force: true })));
}

/** Keeps what contradicts each other, byte for byte, for the operator and a witness. Undefined when it cannot be written. */
async function keepEvidence(error: ClientError, context: FailureContext): Promise<string | undefined> {
  const time = new Date(context.now()).toISOString();
  const text = [
    `${error.code}: ${error.message}`,
    `seen ${time}`,
    ...(error.verification?.steps ?? []).map(({ id, status, detail }) => `${status} ${id}: ${detail}`),
    ...(error.verification?.evidence ?? []).map(({ name, text: note }) => `\n== ${name}\n${note}`),
  ].join('\n');
  try {
    const dir = join(context.paths.state(), 'evidence');
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await forgetOldest(dir);
    const path = join(dir, `${time.replaceAll(':', '')}-${error.code}.txt`);
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    return path;
  } catch {
    // That the verification failed matters more than that its evidence could not be kept.
    return undefined;
  }
}
