import { encodeUtf8, isWellFormed } from '../encoding/bytes.js';
import { BundleError, type BundleErrorCode } from '../error.js';

/** Longest path in UTF-8 bytes. */
const MAX_PATH_BYTES = 200;
/** Most segments in a path. */
const MAX_SEGMENTS = 16;

// Control characters (C0, DEL, C1), what Windows forbids in names, and what is invisible or reorders text. Of a code point
// that is not assigned nobody knows yet how it normalises and folds: two versions of Unicode could read two names.
// Not made before it is needed: of each of these properties a table is made then.
const forbidden = (): RegExp =>
  /[\p{Cc}\p{Cn}<>:"|?*\\]|\u00ad|\u061c|[\u200b-\u200f]|[\u2028-\u202e]|[\u2060-\u206f]|\ufeff/u;
/** Of most paths it need not be asked. */
const PLAIN = /^[A-Za-z0-9._/-]*$/;
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9]|lpt[0-9])$/;
/** Version control runs programs that the settings in these folders name, as soon as it is used below an unpacked bundle. */
const VERSION_CONTROL: ReadonlySet<string> = new Set(['.git', '.hg', '.jj', '.svn', '.bzr']);
const SHORT_NAME = /~[0-9]+(?:\.[^.]*)?$/;

/**
 * Checks that a path means the same file on every system and in every encoding: relative, `/` between segments,
 * UTF-8 in NFC, at most 200 bytes and 16 segments, no name that Windows, macOS or this project gives a meaning.
 *
 * @throws BundleError with a code of `path.…`
 */
export function checkPath(path: string): void {
  if (path === '') refuse(path, 'path.empty', 'is empty');
  if (!isWellFormed(path)) refuse(path, 'path.encoding', 'is not valid unicode');
  // UTF-8 is never shorter than UTF-16 is long, so this bounds the work below.
  if (path.length > MAX_PATH_BYTES || encodeUtf8(path).length > MAX_PATH_BYTES) {
    refuse(path, 'path.too_long', `is longer than ${MAX_PATH_BYTES} bytes of utf-8`);
  }
  if (!PLAIN.test(path) && forbidden().test(path)) {
    refuse(path, 'path.character', 'holds a character that is not allowed in a file name', 'rename the file');
  }
  if (path.startsWith('/')) refuse(path, 'path.absolute', 'is absolute');
  if (path.startsWith('-')) refuse(path, 'path.dash', 'begins with a dash and could be read as an option');
  if (path !== path.normalize('NFC')) {
    refuse(
      path,
      'path.not_nfc',
      'is not in unicode normalization form C',
      'rename the file to its composed form',
    );
  }
  const segments = path.split('/');
  if (segments.length > MAX_SEGMENTS) {
    refuse(path, 'path.too_deep', `has more than ${MAX_SEGMENTS} segments`);
  }
  for (const segment of segments) checkSegment(path, segment);
}

function checkSegment(path: string, segment: string): void {
  if (segment === '' || segment === '.' || segment === '..') {
    refuse(path, 'path.segment', 'has a segment that is empty, . or ..');
  }
  if (segment.startsWith(' ') || segment.endsWith(' ') || segment.endsWith('.')) {
    refuse(path, 'path.space', 'has a segment that begins with a space or ends with a dot or space');
  }
  const folded = foldName(segment);
  const stem = folded.slice(0, folded.includes('.') ? folded.indexOf('.') : undefined).trimEnd();
  if (DEVICE.test(stem)) refuse(path, 'path.reserved', 'has a segment that names a device on windows');
  if (VERSION_CONTROL.has(folded)) {
    refuse(
      path,
      'path.reserved',
      `has a segment that version control takes for its own (${folded})`,
      'leave out of the bundle what belongs to version control: its settings can name programs that run',
    );
  }
  if (folded.startsWith('.sheaf')) {
    refuse(
      path,
      'path.reserved',
      'has a segment that begins with .sheaf',
      'that prefix is kept for sheaf itself',
    );
  }
  if (SHORT_NAME.test(folded)) {
    refuse(
      path,
      'path.short_name',
      'has a segment that windows could take for the short form of another name',
    );
  }
}

function refuse(path: string, code: BundleErrorCode, problem: string, hint?: string): never {
  throw new BundleError(code, `path ${showPath(path)} ${problem}`, hint === undefined ? {} : { hint });
}

/** A path as it may be printed: quoted, cut, and without a character that moves the cursor or the reader. */
export function showPath(path: string): string {
  const cut = path.length > 80 ? `${path.slice(0, 80)}…` : path;
  return JSON.stringify(cut).replaceAll(/[^\x20-\x7e]/g, (unit) =>
    /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(unit) ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * What a case-insensitive or normalising file system might take a name for. Two names with one folded form
 * collide somewhere: `ß`, `ẞ` and `ss`; `ﬁ` and `fi`; `É` composed and decomposed.
 */
export function foldName(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name)) return name.toLowerCase();
  return name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
}

/** Compares two texts by their UTF-8 bytes, which is not what the default sort of JavaScript does. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    // A surrogate stands for a code point above every other unit; moving those units last gives UTF-8's order.
    if (x !== y) return orderOf(x) - orderOf(y);
  }
  return a.length - b.length;
}

function orderOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
