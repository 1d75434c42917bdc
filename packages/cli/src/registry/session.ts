import { isAbsolute, resolve } from 'node:path';
import {
  createRegistryClient,
  isClientError,
  openCache,
  openTrustStore,
  type Cache,
  type RegistryClient,
  type TrustStore,
} from '@sheaf/client';
import { findKeyring, openCredentials, parseToken, type Credentials } from '../config/credentials.js';
import { chooseRegistry, type RegistryChoice } from '../config/registry-url.js';
import { readSettings } from '../config/settings.js';
import type { Flag, Input } from '../frame/args.js';
import { isCi, type Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import { expiryWarning } from '../sign-in/expiry.js';
import { freshAccessToken } from '../sign-in/refresh.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { explainFailure } from './failure.js';
import { assertSameLog, trustDirOf } from './log-key.js';
import { createRetryTalk } from './retry-talk.js';

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
export const REGISTRY_FLAG: Flag = { name: 'registry', value: 'URL', summary: 'the registry to use' };

/** The flag that answers yes to what would be asked. */
export const YES_FLAG: Flag = { name: 'yes', short: 'y', summary: 'agree to what would be asked' };

export interface SessionOptions {
  /** Beats everything else. */
  readonly url?: string | undefined;
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
  const session = await openSession(context, options.url ?? input.get('registry'), options.token);
  try {
    return await work(session);
  } catch (error) {
    throw await explainFailure(error, session, context);
  } finally {
    await session.client.close();
  }
}

/** Does a job with the registry of an address, or the usual one; its connections are used again. */
export type UseRegistry = <R>(url: string | undefined, job: (session: Session) => Promise<R>) => Promise<R>;

/** {@link withSession} for work that needs several registries; what fails with one of them is told in its terms. */
export async function withSessions<T>(context: Context, work: (use: UseRegistry) => Promise<T>): Promise<T> {
  const sessions = new Map<string, Session>();
  const use: UseRegistry = async (url, job) => {
    const opened = await openSession(context, url, undefined);
    const session = sessions.get(opened.url) ?? opened;
    sessions.set(session.url, session);
    try {
      return await job(session);
    } catch (error) {
      throw await explainFailure(error, session, context);
    }
  };
  try {
    return await work(use);
  } finally {
    await Promise.all([...sessions.values()].map(({ client }) => client.close()));
  }
}

async function openSession(
  context: Context,
  flag: string | undefined,
  givenToken: string | undefined,
): Promise<Session> {
  const choice = await chooseRegistry(flag, context.env, () => findConfigured(context));
  const token = (): Promise<string | undefined> =>
    givenToken === undefined ? findToken(context, choice) : Promise.resolve(givenToken);
  const isNews = createRetryTalk(context.now);
  const trust = once(() => openTrustStore(trustDirOf(context)));
  // A token goes to a registry only while that shows the log key that is pinned for it.
  const isSameLog = once((): Promise<void> => assertSameLog(context, { url: client.url, client, trust }));
  const client = createRegistryClient({
    url: choice.url,
    token: async () => {
      const found = await token();
      if (found !== undefined) await isSameLog();
      return found;
    },
    traceparent: context.env['TRACEPARENT'],
    onRetry: ({ attempt, delayMs, error }) => {
      if (!isNews({ attempt, delayMs })) return;
      context.ui.say(`${printable(error.message)}; trying again in ${(delayMs / 1000).toFixed(1)} s`);
    },
  });
  return {
    choice,
    url: client.url,
    client,
    token,
    trust,
    cache: once(() => openCache(context.paths.cache())),
  };
}

/**
 * `SHEAF_TOKEN` for the registry that it is meant for, else what was stored for the registry.
 *
 * @throws CliError `auth.token_invalid`
 */
async function findToken(context: Context, choice: RegistryChoice): Promise<string | undefined> {
  const variable = findVariable(context);
  if (variable !== undefined && (await isConfigured(context, choice)))
    return parseToken(variable, 'SHEAF_TOKEN');
  const dir = findConfigDir(context);
  if (dir === undefined) return undefined;
  const credentials = credentialsIn(context, dir);
  const stored = await credentials.find(choice.url);
  if (stored?.kind === 'sign-in')
    return freshAccessToken({ credentials, now: context.now }, choice.url, stored);
  if (stored !== undefined) warnOnce(context, expiryWarning(stored, choice.url, context.now()));
  return stored?.token;
}

/** What is stored to sign in, in the user's folder. */
export function credentialsIn(
  { env, ui }: Pick<Context, 'env'> & { readonly ui: Pick<Context['ui'], 'warn'> },
  configDir: string,
): Credentials {
  return openCredentials({ configDir, warn: ui.warn, keyring: findKeyring(env) });
}

const warned = new WeakSet<Context>();

/** The token is asked for at every request; what is to be said of it is said once. */
function warnOnce(context: Context, line: string | undefined): void {
  if (line === undefined || warned.has(context)) return;
  warned.add(context);
  context.ui.warn(line);
}

function findVariable({ env }: Context): string | undefined {
  const variable = env['SHEAF_TOKEN'];
  return variable === undefined || variable.trim() === '' ? undefined : variable;
}

/** Whether environment, configuration or default name the registry: an address on the command line may be anybody's. */
async function isConfigured(context: Context, choice: RegistryChoice): Promise<boolean> {
  if (choice.from !== '--registry') return true;
  const usual = await chooseRegistry(undefined, context.env, () => findConfigured(context));
  return usual.url === choice.url;
}

async function findConfigured(context: Context): Promise<string | undefined> {
  const dir = findConfigDir(context);
  return dir === undefined ? undefined : (await readSettings(dir)).registry;
}

/** Reading what is public needs no home. */
function findConfigDir(context: Context): string | undefined {
  try {
    return context.paths.config();
  } catch (error) {
    if (codeOf(error) === 'config.home_missing') return undefined;
    throw error;
  }
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
  throw new CliError('auth.required', `not signed in to ${session.url}`, { hint: hintFor(context, session) });
}

/**
 * What a mirror answers to whoever asks for an account: it has none, and nobody signs in to it. Undefined for a registry;
 * it is asked once and without a token, and whatever else fails here does not matter yet.
 */
export async function findMirrorRefusal(
  { signal }: Pick<Context, 'signal'>,
  { url }: Pick<Session, 'url'>,
): Promise<Error | undefined> {
  const client = createRegistryClient({ url, retry: { retries: 0 } });
  try {
    await client.whoami({ signal: AbortSignal.any([signal, AbortSignal.timeout(MIRROR_TIMEOUT_MS)]) });
  } catch (error) {
    if (isClientError(error, 'registry.mirror')) return error;
  } finally {
    await client.close();
  }
  return undefined;
}

function hintFor(context: Context, session: Session): readonly string[] {
  const url = shellWord(session.url);
  if (findVariable(context) !== undefined)
    return [
      `SHEAF_TOKEN is sent only to the registry that SHEAF_REGISTRY or the configuration names: SHEAF_REGISTRY=${url}`,
    ];
  if (isCi(context)) return ['set SHEAF_TOKEN from the secrets of this CI'];
  return [
    `sheaf login ${url}`,
    `or with a token: sheaf login ${url} --with-token < FILE-WITH-THE-TOKEN`,
    'a registry started on this machine wrote one to admin-token in its data folder (.sheaf/ with npm start)',
  ];
}

/** Whether a word names something on this machine rather than in a registry, and where it is. */
export function asPath(word: string, cwd: string): string | undefined {
  return word.startsWith('.') || isAbsolute(word) || /^[A-Za-z]:[\\/]/.test(word)
    ? resolve(cwd, word)
    : undefined;
}
