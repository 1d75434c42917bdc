/** A checkpoint, signed by its log, that was not cosigned although the log knows what was cosigned before. */
export interface Refusal {
  /** `contradiction`: the two notes prove that the log misbehaved. `unproven`: the proof between them does not verify. */
  readonly reason: 'contradiction' | 'unproven';
  readonly origin: string;
  readonly heldSize: number;
  /** What was cosigned last, signed by the log and nobody else; undefined when nothing was. */
  readonly held: string | undefined;
  readonly offeredSize: number;
  readonly offered: string;
}

const MAX_REMEMBERED = 1024;

/**
 * Tells of each pair of sizes once: anybody can send the same checkpoint with a wrong proof again and again, and what is
 * told is written to a log.
 */
export function tellOnce(tell: (refusal: Refusal) => void): (refusal: Refusal) => void {
  const told = new Set<string>();
  return (refusal) => {
    const { reason, origin, heldSize, offeredSize } = refusal;
    const pair = `${reason} ${heldSize} ${offeredSize} ${origin}`;
    if (told.has(pair)) return;
    told.add(pair);
    for (const oldest of told) {
      if (told.size <= MAX_REMEMBERED) break;
      told.delete(oldest);
    }
    tell(refusal);
  };
}
