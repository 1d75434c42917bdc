/** How long something that was fetched counts, in milliseconds. */
export interface Ages {
  /** After this it is fetched anew beside its use. */
  readonly freshMs: number;
  /** After this it is used no more without having been fetched anew. */
  readonly usableMs: number;
  /** Least time between two attempts, so that nobody makes us ask all the time. */
  readonly floorMs: number;
}

/** Something that is fetched from a service that may be down, and changes now and then. */
export interface Refreshed<T> {
  /** The value; fetched when there is none that is usable. @throws what fetching throws */
  readonly get: () => Promise<T>;
  /**
   * A value fetched after this call began; the one at hand when it was fetched within `floorMs`.
   *
   * @throws what fetching throws
   */
  readonly renew: () => Promise<T>;
  /** How the newest attempt ended; `untried` before there was one. */
  readonly outcome: () => 'untried' | 'ok' | Error;
}

export interface RefreshedDeps {
  /** Milliseconds since the epoch: the time that a machine has slept counts, which the other clock may not tell. */
  readonly now: () => number;
  /** By a clock that nobody sets: what was fetched before one was set back would else count for as much longer. */
  readonly elapsedMs: () => number;
  /** Told of what failed while the value at hand was good enough. */
  readonly report: (error: unknown) => void;
}

interface Moment {
  readonly wallMs: number;
  readonly elapsedMs: number;
}

export function createRefreshed<T>(
  { now, elapsedMs, report }: RefreshedDeps,
  ages: Ages,
  fetchValue: () => Promise<T>,
): Refreshed<T> {
  let held: { readonly value: T; readonly at: Moment } | undefined;
  let failed: { readonly error: Error; readonly at: Moment } | undefined;
  let running: Promise<T> | undefined;

  const moment = (): Moment => ({ wallMs: now(), elapsedMs: elapsedMs() });
  /** By the clock that has gone further: one may have stood still, the other may have been set back. */
  const ageOf = (at: Moment) => Math.max(elapsedMs() - at.elapsedMs, now() - at.wallMs);

  const fetchOnce = (): Promise<T> => {
    // A failure counts for a while, too: a provider that is down is not asked by every request.
    if (running === undefined && failed !== undefined && ageOf(failed.at) < ages.floorMs)
      return Promise.reject(failed.error);
    return (running ??= attempt());
  };
  const attempt = async (): Promise<T> => {
    try {
      const value = await fetchValue();
      held = { value, at: moment() };
      failed = undefined;
      return value;
    } catch (error) {
      failed = {
        error: error instanceof Error ? error : new Error('fetching failed', { cause: error }),
        at: moment(),
      };
      throw failed.error;
    } finally {
      running = undefined;
    }
  };

  return {
    get: () => {
      const ageMs = held === undefined ? Infinity : ageOf(held.at);
      if (held === undefined || ageMs > ages.usableMs) return fetchOnce();
      if (ageMs > ages.freshMs) fetchOnce().catch(report);
      return Promise.resolve(held.value);
    },
    renew: () => {
      if (held !== undefined && ageOf(held.at) < ages.floorMs) return Promise.resolve(held.value);
      return fetchOnce();
    },
    outcome: () => failed?.error ?? (held === undefined ? 'untried' : 'ok'),
  };
}
