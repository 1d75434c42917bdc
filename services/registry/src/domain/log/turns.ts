/** What a turn leaves to one that follows at once. */
interface Left<Seen> {
  readonly seen: Seen | undefined;
}

/**
 * Has one piece of work done after another, in the order of asking. Each is given what the one before it has seen, unless
 * nobody has waited in between or it has failed.
 */
export function createTurns<Seen>(): <Done extends Left<Seen>>(
  work: (before: Seen | undefined) => Promise<Done>,
) => Promise<Done> {
  /** The turn that was asked for last, until it has ended. */
  let last: Promise<Seen | undefined> | undefined;
  return (work) => {
    const done = (last ?? Promise.resolve(undefined)).then(work);
    const own = done.then(
      ({ seen }) => seen,
      () => undefined,
    );
    last = own;
    void own.then(() => {
      if (last === own) last = undefined;
    });
    return done;
  };
}
