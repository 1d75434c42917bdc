/** A secret as the machine gave it. */
export interface FoundSecret {
  readonly value: string;
  /** Where it was, in one or two words: `keyring`, `vault`. Shown and journaled. */
  readonly source: string;
  /** Another one each time that it was set. Unset where nobody can say: then the value itself, as a keyed hash, tells one from the other. */
  readonly version?: string;
}

/** Whom a secret is for. */
export interface SecretAsker {
  /** Id of the workflow that is run. */
  readonly workflow: string;
  /** Aborted when nobody waits for the secret any more. */
  readonly signal?: AbortSignal;
}

/** Asks the machine for secrets. */
export interface SecretSource {
  /**
   * Undefined: there is none of that name. Rejects when there is one that cannot be had, with an error whose `message`, and `hint` if it
   * has one, are shown.
   */
  readonly find: (name: string, asker: SecretAsker) => Promise<FoundSecret | undefined>;
  /**
   * Called before anything runs that may ask for such names. Gives the values that are known by then: they are hidden from the beginning,
   * whoever has them. Rejects only where the run must not begin. Default: none.
   */
  readonly atHand?: (names: readonly string[], asker: SecretAsker) => Promise<Iterable<string>>;
}

/** Shorter ones cannot be hidden in output: they are in every text. */
export const MIN_SECRET_BYTES = 4;
export const MAX_SECRET_BYTES = 64 * 1024;

/** What is wrong with the value of a secret, in words that follow its name; never the value itself. */
export function findSecretProblem(value: string): string | undefined {
  const sizeBytes = Buffer.byteLength(value);
  if (sizeBytes < MIN_SECRET_BYTES)
    return `is shorter than ${MIN_SECRET_BYTES} bytes, too short to be hidden in output`;
  if (sizeBytes > MAX_SECRET_BYTES) return `is longer than ${MAX_SECRET_BYTES} bytes`;
  return value.includes('\0') ? 'holds a NUL, which no process can be given' : undefined;
}
