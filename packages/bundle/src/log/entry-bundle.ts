import { concatBytes } from '../encoding/bytes.js';
import { BundleError } from '../error.js';
import { TILE_WIDTH } from './tile-path.js';

const MAX_ENTRY_BYTES = 0xffff;

/** Up to 256 entries, each after its length as a big-endian uint16 (C2SP tlog-tiles). @throws BundleError `log.range` */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length > TILE_WIDTH)
    throw new BundleError('log.range', `a bundle has at most ${TILE_WIDTH} entries`);
  return concatBytes(
    entries.flatMap((entry) => {
      if (entry.length > MAX_ENTRY_BYTES)
        throw new BundleError('log.range', 'an entry is longer than 65535 bytes');
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** The entries of a bundle, as views. @throws BundleError `log.tile_invalid` */
export function parseEntryBundle(bundle: Uint8Array): readonly Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bundle.length;) {
    const start = at + 2;
    const end = start + (((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0));
    if (end > bundle.length || entries.length === TILE_WIDTH) {
      throw new BundleError('log.tile_invalid', 'the entry bundle is cut short or has more than 256 entries');
    }
    entries.push(bundle.subarray(start, end));
    at = end;
  }
  return entries;
}
