import { type ArchiveFile, packTar, readTar } from '../archive/tar.js';
import { encodeUtf8 } from '../encoding/bytes.js';
import { equalBytes } from '../encoding/equal-bytes.js';
import { BundleError } from '../error.js';
import { encodeReceipt, parseReceipt, type Receipt } from '../receipt/receipt.js';
import { encodeStanding, parseStanding, type Standing } from '../standing/standing.js';
import { encodeEnvelope, type Envelope, parseEnvelope } from '../statement/envelope.js';

/**
 * One release in one file, `.sheaf`, to be carried to where no registry is: before its publication with the author's
 * envelope, after it with the receipt. Nothing in here is true before it was checked.
 */
export interface CarryFile {
  /** The gzip of the bundle. */
  readonly blob: Uint8Array;
  /** The receipt's own when there is a receipt. */
  readonly envelope: Envelope;
  readonly receipt?: Receipt;
  /** What the log said of the release when it was packed; goes with a receipt only. */
  readonly standing?: Standing;
}

const BLOB = 'bundle.tar.gz';
const RECEIPT = 'receipt.json';
const ENVELOPE = 'envelope.json';
const STANDING = 'standing.json';

/** Largest carry file: room for the largest bundle, its receipt and its standing. */
export const MAX_CARRY_BYTES = 36 << 20;
const CARRY_LIMITS = {
  tarBytes: MAX_CARRY_BYTES,
  files: 3,
  fileBytes: 33 << 20,
  definitionBytes: 0,
};

/** Packs a carry file: an uncompressed canonical tar. @throws BundleError `carry.invalid` */
export function packCarryFile(carry: CarryFile): Uint8Array {
  const { blob, envelope, receipt, standing } = carry;
  if (receipt === undefined && standing !== undefined) throw invalid('a standing goes with a receipt only');
  if (receipt !== undefined && !equalBytes(encodeEnvelope(receipt.envelope), encodeEnvelope(envelope))) {
    throw invalid('its envelope is not that of its receipt');
  }
  return asCarry(() =>
    packTar(
      [
        fileOf(BLOB, blob),
        receipt === undefined
          ? fileOf(ENVELOPE, encodeEnvelope(envelope))
          : fileOf(RECEIPT, encodeReceipt(receipt)),
        ...(standing === undefined ? [] : [fileOf(STANDING, encodeStanding(standing))]),
      ],
      CARRY_LIMITS,
    ),
  );
}

/**
 * Reads a carry file of at most 36 MiB: exactly the files that belong there, each in its one encoding.
 *
 * @returns a blob that is a view of `bytes`, not a copy
 * @throws BundleError `carry.invalid`
 */
export function readCarryFile(bytes: Uint8Array): CarryFile {
  const other = otherForm(bytes);
  if (other !== undefined) throw invalid(other);
  return asCarry(() => {
    const files = new Map(readTar(bytes, CARRY_LIMITS).map((file) => [file.path, file]));
    const blob = files.get(BLOB)?.bytes;
    const receipt = readPart(files, RECEIPT, parseReceipt, encodeReceipt);
    const envelope = readPart(files, ENVELOPE, parseEnvelope, encodeEnvelope);
    const standing = readPart(files, STANDING, parseStanding, encodeStanding);
    if (blob === undefined) throw invalid(`it holds no ${BLOB}`);
    if ([...files.values()].some(({ path, executable }) => executable || !PARTS.has(path))) {
      throw invalid('it holds a file that does not belong there');
    }
    if (receipt !== undefined && envelope === undefined) {
      return {
        blob,
        envelope: receipt.envelope,
        receipt,
        ...(standing === undefined ? {} : { standing }),
      };
    }
    if (envelope === undefined || receipt !== undefined) {
      throw invalid(`it holds neither or both of ${RECEIPT} and ${ENVELOPE}`);
    }
    if (standing !== undefined) throw invalid('a standing goes with a receipt only');
    return { blob, envelope };
  });
}

/** Where a tar header says that it is one. */
const MAGIC_AT = 257;
const MAGIC = encodeUtf8('ustar');

/** What a file is that is no archive at all: a reader of archives would speak of blocks and trailers. */
function otherForm(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'it is empty';
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'it is a packed bundle alone, without its signature';
  if (!equalBytes(bytes.subarray(MAGIC_AT, MAGIC_AT + MAGIC.length), MAGIC))
    return 'it is another kind of file';
  return undefined;
}

const PARTS: ReadonlySet<string> = new Set([BLOB, RECEIPT, ENVELOPE, STANDING]);

function fileOf(path: string, bytes: Uint8Array): ArchiveFile {
  return { path, bytes, executable: false };
}

function readPart<T>(
  files: ReadonlyMap<string, ArchiveFile>,
  path: string,
  parse: (bytes: Uint8Array) => T,
  encode: (part: T) => Uint8Array,
): T | undefined {
  const bytes = files.get(path)?.bytes;
  if (bytes === undefined) return undefined;
  const part = parse(bytes);
  if (!equalBytes(encode(part), bytes)) throw invalid(`${path} is not in canonical json`);
  return part;
}

/** Whatever is wrong inside makes the carry file wrong. */
function asCarry<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof BundleError) || error.code === 'carry.invalid') throw error;
    throw invalid(error.code === 'archive.truncated' ? 'its end is missing' : error.message, error);
  }
}

function invalid(problem: string, cause?: BundleError): BundleError {
  return new BundleError('carry.invalid', `the file is not a carry file: ${problem}`, {
    hint: 'make it again with sheaf fetch -o or sheaf pack --sign, and carry it over unchanged',
    ...(cause === undefined ? {} : { cause }),
  });
}
