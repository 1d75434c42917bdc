import { findOffline, formatDurationMs, formatReference, type Pin, type Reference } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { CliError, describeError } from '../frame/errors.js';
import { shellWord } from '../terminal/shell.js';
import type { Session } from './session.js';

interface OfflineSubject {
  readonly context: Pick<Context, 'now'>;
  readonly session: Pick<Session, 'cache'>;
  readonly reference: Reference;
  readonly pin: Pin;
  /** Undefined where there is no `--offline` to name. */
  readonly verb: string | undefined;
}

/** Adds to a failure of the network what the cache has of what was asked for, and how to use that. */
export async function explainOffline(error: Error, subject: OfflineSubject): Promise<CliError> {
  const { code, message, evidence, help, data } = describeError(error);
  const found = await describeCached(subject);
  return new CliError(code, message, {
    cause: error,
    evidence: [...evidence, found.evidence],
    hint: [...help, ...found.hint],
    data,
  });
}

async function describeCached({ context, session, reference, pin, verb = 'fetch' }: OfflineSubject) {
  const text = formatReference(reference);
  const word = shellWord(text);
  const version = await findOffline({ cache: await session.cache(), reference }, pin);
  if (version === undefined) {
    return {
      evidence: `${text} is not in the cache either`,
      hint: [`for next time, once with a connection: sheaf fetch ${word}`],
    };
  }
  const checkedAt = pin.realms.get(pin.namespaces.get(namespaceOf(reference)) ?? 'public')?.checkedAt;
  const ageMs = checkedAt === undefined ? undefined : Math.max(0, context.now() - Date.parse(checkedAt));
  const age = ageMs === undefined ? '' : `, checkpoint ${formatDurationMs(ageMs)} old`;
  return {
    evidence: `the cache has ${reference.id} ${version}${age}`,
    hint: [`to use that, with freshness not checked: sheaf ${verb} ${word} --offline`],
  };
}

function namespaceOf({ id }: Reference): string {
  return id.split('/', 1)[0] ?? '';
}
