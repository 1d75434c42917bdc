/** Lets one at a time do something, in the order in which they ask: questions to one person, above all. */
export interface Turns {
  <T>(work: () => Promise<T>): Promise<T>;
  /** What was answered already, by question. */
  readonly answers: Map<string, true | 'flag'>;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  const take = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
  return Object.assign(take, { answers: new Map<string, true | 'flag'>() });
}
