import {
  findOffline,
  formatDurationMs,
  formatReference,
  type LockedWorkflow,
  type Pin,
  type Reference,
} from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { CliError, describeError } from '../frame/errors.js';
import { shellWord } from '../terminal/shell.js';
import type { Session } from './session.js';

interface OfflineSubject {
  readonly context: Pick<Context, 'now'>;
  readonly session: Pick<Session, 'cache'>;
  readonly reference: Reference;
  readonly pin: Pin;
  /** As of `FetchOptions`. */
  readonly typed: string | undefined;
}

/** Adds to a failure of the network what the cache has of what was asked for, and how to use that. */
export async function explainOffline(error: Error, subject: OfflineSubject): Promise<CliError> {
  return withFound(error, await describeCached(subject));
}

/**
 * {@link explainOffline} for what a lockfile holds.
 *
 * @param missing of it and what it depends on, that which is not in the cache
 * @param typed as of `FetchOptions`
 */
export function explainOfflineLocked(
  error: Error,
  missing: readonly Pick<LockedWorkflow, 'id' | 'version'>[],
  typed: string | undefined,
): CliError {
  const [first, ...more] = missing;
  if (first !== undefined) {
    const others = more.length === 0 ? '' : ', nor is what it depends on';
    return withFound(error, {
      evidence: `${first.id} ${first.version} is locked, and not in the cache${others}`,
      hint: ['for next time, once with a connection: sheaf lock'],
    });
  }
  return withFound(error, {
    evidence: 'the cache has all that is locked for it',
    hint: typed === undefined ? [] : [`to use that, with freshness not checked: sheaf ${typed} --offline`],
  });
}

interface Found {
  readonly evidence: string;
  readonly hint: readonly string[];
}

function withFound(error: Error, found: Found): CliError {
  const { code, message, evidence, help, data } = describeError(error);
  return new CliError(code, message, {
    cause: error,
    evidence: [...evidence, found.evidence],
    hint: [...help, ...found.hint],
    data,
  });
}

async function describeCached({ context, session, reference, pin, typed }: OfflineSubject): Promise<Found> {
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
    hint: [
      typed === undefined
        ? `that runs without a connection, with freshness not checked: sheaf run ${word} --offline`
        : `to use that, with freshness not checked: sheaf ${typed} --offline`,
    ],
  };
}

function namespaceOf({ id }: Reference): string {
  return id.split('/', 1)[0] ?? '';
}
