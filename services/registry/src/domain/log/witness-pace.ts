/** How long a witness takes to answer, as of late. */
export interface WitnessPace {
  /** Notes how long a request took, in milliseconds; one that failed took as long as it was waited for. */
  add(tookMs: number): void;
  /** The median of the last few requests, once there are enough of them to tell. */
  medianMs(): number | undefined;
}

/** Odd, so that one of them is the median. */
const REMEMBERED = 5;
/** One slow answer, for instance the first on a new connection, says nothing. */
const ENOUGH = 3;

export function createWitnessPace(): WitnessPace {
  const recent: number[] = [];
  return {
    add: (tookMs) => {
      recent.push(tookMs);
      if (recent.length > REMEMBERED) recent.shift();
    },
    medianMs: () => {
      if (recent.length < ENOUGH) return undefined;
      return [...recent].sort((a, b) => a - b)[Math.floor((recent.length - 1) / 2)];
    },
  };
}
