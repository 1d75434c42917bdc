import { isAbsolute, resolve } from 'node:path';
import {
  isClientError,
  openCache,
  openTrustStore,
  type Cache,
  type RegistryClient,
  type TokenProvider,
  type TrustStore,
} from '@sheaf/client';
import type { Flag, Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { chooseRegistry, type RegistryChoice } from './choose.js';
import { connect } from './connect.js';
import { explainFailure } from './failure.js';
import { assertSameLog, trustDirOf } from './log-key.js';
import { createRetryTalk } from './retry-talk.js';
import { signInHint } from './sign-in-hint.js';
import { findVariable, tokenFor } from './stored-token.js';

/** A registry to talk to, and what is kept of it here. */
export interface Session {
  readonly choice: RegistryChoice;
  readonly url: string;
  readonly client: RegistryClient;
  /** The token that will be sent, if there is one. */
  readonly token: () => Promise<string | undefined>;
  readonly trust: () => Promise<TrustStore>;
  readonly cache: () => Promise<Cache>;
}

/** The flag of every verb that talks to a registry. */
export const REGISTRY_FLAG: Flag = {
  name: 'registry',
  value: 'URL|NAME',
  completes: 'registry',
  summary: 'the registry to use',
};

/** The flag that answers yes to what would be asked. */
export const YES_FLAG: Flag = { name: 'yes', short: 'y', summary: 'agree to what would be asked' };

export interface SessionOptions {
  /** URL or name; beats everything else but `choice`. */
  readonly url?: string | undefined;
  /** The registry, chosen before. */
  readonly choice?: RegistryChoice | undefined;
  /** Instead of the stored one. */
  readonly token?: string;
}

/**
 * Does some work with the registry that flag, environment or configuration name. What fails is told in the terms of
 * the command line; connections are ended.
 */
export async function withSession<T>(
  context: Context,
  input: Input,
  work: (session: Session) => Promise<T>,
  options: SessionOptions = {},
): Promise<T> {
  const choice = options.choice ?? (await chooseRegistry(context, options.url ?? input.get('registry')));
  const session = await openSession(context, choice, options.token);
  try {
    return await work(session);
  } catch (error) {
    throw await explainFailure(error, session, context);
  } finally {
    await session.client.close();
  }
}

/** Does a job with a registry, by its choice, address or name, or with the usual one; its connections are used again. */
export type UseRegistry = <R>(
  place: RegistryChoice | string | undefined,
  job: (session: Session) => Promise<R>,
) => Promise<R>;

/** {@link withSession} for work that needs several registries; what fails with one of them is told in its terms. */
export async function withSessions<T>(context: Context, work: (use: UseRegistry) => Promise<T>): Promise<T> {
  const sessions = new Map<string, Promise<Session>>();
  const use: UseRegistry = async (place, job) => {
    const choice = typeof place === 'object' ? place : await chooseRegistry(context, place);
    const opened = sessions.get(choice.url) ?? openSession(context, choice, undefined);
    sessions.set(choice.url, opened);
    const session = await opened;
    try {
      return await job(session);
    } catch (error) {
      throw await explainFailure(error, session, context);
    }
  };
  try {
    return await work(use);
  } finally {
    const opened = await Promise.allSettled(sessions.values());
    const clients = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value.client] : []));
    await Promise.all(clients.map((client) => client.close()));
  }
}

async function openSession(
  context: Context,
  choice: RegistryChoice,
  givenToken: string | undefined,
): Promise<Session> {
  const tokens: TokenProvider =
    givenToken === undefined ? tokenFor(context, choice) : { get: () => Promise.resolve(givenToken) };
  const describePause = createRetryTalk(context.now);
  const trust = once(() => openTrustStore(trustDirOf(context)));
  // A token goes to a registry only while that shows the log key that is pinned for it.
  const isSameLog = once((): Promise<void> => assertSameLog(context, { url: client.url, client, trust }));
  // Where none was ever talked to, there is nothing to wait for.
  const isNew = choice.from === 'default' && (await (await trust()).findPin(choice.url)) === undefined;
  const client: RegistryClient = await connect(context, choice, {
    ...(isNew ? { retry: { retries: 0 } } : {}),
    token: {
      ...tokens,
      get: async (options) => {
        const found = await tokens.get(options);
        if (found !== undefined) await isSameLog();
        return found;
      },
    },
    onRetry: (pause) => {
      const line = describePause(pause);
      if (line !== undefined) context.ui.say(line);
    },
  });
  return {
    choice,
    url: client.url,
    client,
    token: () => tokens.get({ signal: context.signal }),
    trust,
    cache: once(() => openCache(context.paths.cache())),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

const MIRROR_TIMEOUT_MS = 3000;

/**
 * Makes sure that there is a token, before anything is changed.
 *
 * @throws CliError `auth.required`; ClientError `registry.mirror` where signing in would be of no use
 */
export async function requireToken(context: Context, session: Session): Promise<void> {
  if ((await session.token()) !== undefined) return;
  const refusal = await findMirrorRefusal(context, session);
  if (refusal !== undefined) throw refusal;
  throw new CliError('auth.required', `not signed in to ${session.url}`, {
    hint: signInHint(context, session.choice, { hasVariable: findVariable(context) !== undefined }),
  });
}

/**
 * What a mirror answers to whoever asks for an account: it has none, and nobody signs in to it. Undefined for a registry;
 * it is asked once and without a token, and whatever else fails here does not matter yet.
 */
export async function findMirrorRefusal(
  context: Pick<Context, 'signal' | 'env' | 'paths'>,
  { url }: Pick<Session, 'url'>,
): Promise<Error | undefined> {
  const { signal } = context;
  const client = await connect(context, { url }, { retry: { retries: 0 } });
  try {
    await client.whoami({ signal: AbortSignal.any([signal, AbortSignal.timeout(MIRROR_TIMEOUT_MS)]) });
  } catch (error) {
    if (isClientError(error, 'registry.mirror')) return error;
  } finally {
    await client.close();
  }
  return undefined;
}

/** Whether a word names something on this machine rather than in a registry, and where it is. */
export function asPath(word: string, cwd: string): string | undefined {
  return word.startsWith('.') || isAbsolute(word) || /^[A-Za-z]:[\\/]/.test(word)
    ? resolve(cwd, word)
    : undefined;
}
