import { askGiven } from './callbacks.js';
import { cancelled, closed, leaveOnAbort } from './cancelled.js';

/**
 * Where the token of a client comes from. It may take its time, such as for a person to sign in: no time limit of the
 * client counts meanwhile, and a call that is cancelled, or whose client is closed, does not wait for it.
 *
 * What it throws fails the call: an error with a lower-case `code` as it is, any other as the `cause` of a ClientError
 * `callback.failed`.
 */
export interface TokenProvider {
  /** Asked before each request that takes a token. Undefined: there is none. */
  get(options: TokenOptions): Promise<string | undefined>;
  /**
   * Asked when the registry answered 401 to a request with a token: another one, or undefined when there is none. The
   * request is sent once more with it, and only once. Many requests that fail at once ask once.
   *
   * @param rejected the token that the registry did not take
   */
  refresh?(rejected: string, options: TokenOptions): Promise<string | undefined>;
}

/** What a provider is told with each question. */
export interface TokenOptions {
  /** Aborted when nobody waits for the token any more. */
  readonly signal?: AbortSignal | undefined;
}

/** A token, a function that gets one, or a provider that can renew it. */
export type TokenSource = string | (() => Promise<string | undefined>) | TokenProvider;

/** What requests take their token from. */
export interface Tokens {
  readonly get: (signal?: AbortSignal) => Promise<string | undefined>;
  /** Undefined when there is no other one than the rejected. */
  readonly renew: (rejected: string, signal?: AbortSignal) => Promise<string | undefined>;
}

/** One flight for all who ask for the same at once; each of them may leave it. */
interface Flight {
  readonly rejected: string;
  readonly fresh: Promise<string | undefined>;
  readonly controller: AbortController;
  waiting: number;
  isOver: boolean;
}

/**
 * Makes of a source what requests use: renewals are shared.
 *
 * @param ended aborted once the client is closed
 */
export function openTokens(
  source: TokenSource | undefined,
  ended: AbortSignal = new AbortController().signal,
): Tokens {
  if (source === undefined || typeof source === 'string')
    return { get: () => Promise.resolve(source), renew: () => Promise.resolve(undefined) };
  const provider: TokenProvider = typeof source === 'function' ? { get: source } : source;
  const makeError = (aborted: AbortSignal) =>
    aborted === ended ? closed(aborted.reason) : cancelled(aborted.reason);
  let flight: Flight | undefined;
  return {
    get: (signal) =>
      askGiven('token.get', [signal, ended], (own) => provider.get({ signal: own }), makeError),
    async renew(rejected, signal) {
      if (provider.refresh === undefined) return undefined;
      // Requests that were under way with the rejected token take what was got for it, also when they fail later.
      if (flight?.rejected !== rejected || flight.controller.signal.aborted)
        flight = takeOff(rejected, (own) => provider.refresh?.(rejected, { signal: own }));
      const own = flight;
      try {
        const fresh = await wait(own, { signals: [signal, ended], makeError });
        return fresh === rejected ? undefined : fresh;
      } catch (error) {
        // What failed may work for the next request.
        if (flight === own && own.isOver) flight = undefined;
        throw error;
      }
    },
  };
}

function takeOff(
  rejected: string,
  refresh: (signal: AbortSignal) => Promise<string | undefined> | undefined,
): Flight {
  const controller = new AbortController();
  const fresh = askGiven('token.refresh', [], () => refresh(controller.signal));
  const flight: Flight = { rejected, fresh, controller, waiting: 0, isOver: false };
  const end = (): void => {
    flight.isOver = true;
  };
  fresh.then(end, end);
  return flight;
}

interface WaitEnds {
  readonly signals: readonly (AbortSignal | undefined)[];
  readonly makeError: (aborted: AbortSignal) => Error;
}

/** Waits for a flight until the caller gives up; when all have given up, the flight is told. */
async function wait(flight: Flight, { signals, makeError }: WaitEnds): Promise<string | undefined> {
  flight.waiting++;
  try {
    return await leaveOnAbort(signals, () => flight.fresh, makeError);
  } finally {
    flight.waiting--;
    if (flight.waiting === 0 && !flight.isOver) flight.controller.abort();
  }
}
