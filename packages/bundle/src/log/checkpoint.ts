import { encodeBase64, findBase64 } from '../encoding/base64.js';
import { BundleError } from '../error.js';
import { HASH_BYTES } from './merkle.js';
import { type LogVerifier, openNote } from './note.js';

/** What a log commits to: that the tree of its first `size` leaves has this root (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The log's name, `<host>/log/<realm>`. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** The text of a checkpoint, to be signed as a note. @throws BundleError `checkpoint.invalid` */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const text = `${checkpoint.origin}\n${checkpoint.size}\n${encodeBase64(checkpoint.root)}\n`;
  parseCheckpoint(text);
  return text;
}

/**
 * Parses the text of a checkpoint. Extension lines are allowed and ignored, as the specification says.
 *
 * @throws BundleError `checkpoint.invalid`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  const [origin, size, encodedRoot] = lines;
  if (lines.pop() !== '' || lines.includes('') || origin === undefined || size === undefined) {
    throw badCheckpoint('it is not three lines or more, all with something on them');
  }
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw badCheckpoint('its second line is not a size');
  }
  const root = encodedRoot === undefined ? undefined : findBase64(encodedRoot);
  if (root?.length !== HASH_BYTES) throw badCheckpoint('its third line is not a root hash');
  return { origin, size: Number(size), root };
}

/**
 * Opens a signed checkpoint with the log's key.
 *
 * @throws BundleError `note.invalid`, `log.key_unknown`, `log.signature`, or `checkpoint.invalid`
 */
export function openCheckpoint(note: string, verifier: LogVerifier): Checkpoint {
  return parseCheckpoint(openNote(note, [verifier]).text);
}

function badCheckpoint(problem: string): BundleError {
  return new BundleError('checkpoint.invalid', `the checkpoint is malformed: ${problem}`);
}
