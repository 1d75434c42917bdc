/** Where the token of a client comes from. */
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

/** Makes of a source what requests use: renewals are shared. */
export function openTokens(source: TokenSource | undefined): Tokens {
  if (source === undefined || typeof source === 'string')
    return { get: () => Promise.resolve(source), renew: () => Promise.resolve(undefined) };
  if (typeof source === 'function') return { get: source, renew: () => Promise.resolve(undefined) };
  let flight: Flight | undefined;
  return {
    get: (signal) => source.get({ signal }),
    async renew(rejected, signal) {
      if (source.refresh === undefined) return undefined;
      // Requests that were under way with the rejected token take what was got for it, also when they fail later.
      if (flight?.rejected !== rejected || flight.controller.signal.aborted)
        flight = takeOff(rejected, (o) => source.refresh?.(rejected, o));
      const own = flight;
      try {
        const fresh = await wait(own, signal);
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
  refresh: (options: TokenOptions) => Promise<string | undefined> | undefined,
): Flight {
  const controller = new AbortController();
  const fresh = Promise.resolve().then(() => refresh({ signal: controller.signal }));
  const flight: Flight = { rejected, fresh, controller, waiting: 0, isOver: false };
  const end = (): void => {
    flight.isOver = true;
  };
  fresh.then(end, end);
  return flight;
}

/** Waits for a flight until the caller gives up; when all have given up, the flight is told. */
async function wait(flight: Flight, signal: AbortSignal | undefined): Promise<string | undefined> {
  signal?.throwIfAborted();
  flight.waiting++;
  let stop = (): void => undefined;
  try {
    return await Promise.race([
      flight.fresh,
      new Promise<never>((_, reject) => {
        stop = () => {
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', stop, { once: true });
      }),
    ]);
  } finally {
    signal?.removeEventListener('abort', stop);
    flight.waiting--;
    if (flight.waiting === 0 && !flight.isOver) flight.controller.abort(signal?.reason);
  }
}
