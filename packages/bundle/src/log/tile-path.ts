import { BundleError } from '../error.js';

/** Hashes in a full tile, and entries in a full bundle. */
export const TILE_WIDTH = 256;
/** Tree levels that a tile spans. */
export const TILE_HEIGHT = 8;

/** Where a tile or an entry bundle is: `level` is the tile's level, `width` how many of its 256 places are taken. */
export interface TileAddress {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

const TILE = /^tile\/(0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;
const ENTRIES = /^tile\/entries\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;
const MAX_PATH_LENGTH = 64;

/** `tile/<L>/<N>[.p/<W>]` (C2SP tlog-tiles), relative to the log's prefix. */
export function tilePath(level: number, index: number, width: number): string {
  if (!Number.isSafeInteger(level) || level < 0 || level > 63) throw badAddress();
  return `tile/${level}/${indexPath(index)}${widthSuffix(width)}`;
}

/** `tile/entries/<N>[.p/<W>]` (C2SP tlog-tiles). */
export function entryBundlePath(index: number, width: number): string {
  return `tile/entries/${indexPath(index)}${widthSuffix(width)}`;
}

/** The one tile that a path names. @throws BundleError `log.path_invalid` */
export function parseTilePath(text: string): TileAddress {
  const match = text.length > MAX_PATH_LENGTH ? null : TILE.exec(text);
  if (match === null) throw badAddress();
  const [, level, index, width] = match;
  const address = { level: Number(level), index: parseIndex(index), width: parseWidth(width) };
  if (tilePath(address.level, address.index, address.width) !== text) throw badAddress();
  return address;
}

/** The one entry bundle that a path names. @throws BundleError `log.path_invalid` */
export function parseEntryBundlePath(text: string): Omit<TileAddress, 'level'> {
  const match = text.length > MAX_PATH_LENGTH ? null : ENTRIES.exec(text);
  if (match === null) throw badAddress();
  const [, index, width] = match;
  const address = { index: parseIndex(index), width: parseWidth(width) };
  if (entryBundlePath(address.index, address.width) !== text) throw badAddress();
  return address;
}

/** Three digits a segment, all but the last begun with an x: 1234067 is `x001/x234/067`. */
function indexPath(index: number): string {
  if (!Number.isSafeInteger(index) || index < 0) throw badAddress();
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  return padded.replaceAll(/[0-9]{3}(?=[0-9])/g, 'x$&/');
}

function widthSuffix(width: number): string {
  if (!Number.isSafeInteger(width) || width < 1 || width > TILE_WIDTH) throw badAddress();
  return width === TILE_WIDTH ? '' : `.p/${width}`;
}

function parseIndex(text: string | undefined): number {
  return Number((text ?? '').replaceAll(/[x/]/g, ''));
}

function parseWidth(text: string | undefined): number {
  return text === undefined ? TILE_WIDTH : Number(text);
}

function badAddress(): BundleError {
  return new BundleError('log.path_invalid', 'the path is not that of a tile', {
    hint: 'see https://c2sp.org/tlog-tiles',
  });
}
