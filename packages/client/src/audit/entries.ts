import { BundleError, parseEntryBundle } from '@sheaf/bundle';
import { ClientError, isClientError } from '../errors.js';
import { mapLimited } from '../map-limited.js';

/** Fetches an entry bundle (C2SP tlog-tiles) of at least `width` entries. What it returns is not trusted. */
export type FetchEntries = (index: number, width: number) => Promise<Uint8Array>;

const BUNDLE_WIDTH = 256;
const CONCURRENCY = 8;

/**
 * Fetches the entries from `start` to `end` of a log of `size` entries, 256 at a time and eight requests at once.
 *
 * @throws ClientError `log.unproven` when the registry does not show them; BundleError `log.tile_invalid`
 */
export async function fetchRange(
  fetchEntries: FetchEntries,
  range: { readonly start: number; readonly end: number; readonly size: number },
): Promise<readonly Uint8Array[]> {
  const { start, end, size } = range;
  const first = Math.floor(start / BUNDLE_WIDTH);
  const indexes = Array.from({ length: Math.ceil(end / BUNDLE_WIDTH) - first }, (_, at) => first + at);
  const bundles = await mapLimited(indexes, CONCURRENCY, async (index) => {
    const width = Math.min(BUNDLE_WIDTH, size - index * BUNDLE_WIDTH);
    const from = index * BUNDLE_WIDTH;
    const entries = await fetchBundle(fetchEntries, index, width);
    return entries.slice(Math.max(0, start - from), Math.max(0, end - from));
  });
  return bundles.flat();
}

async function fetchBundle(
  fetchEntries: FetchEntries,
  index: number,
  width: number,
): Promise<readonly Uint8Array[]> {
  const entries = parseEntryBundle(await fetchShown(fetchEntries, index, width));
  if (entries.length < width) {
    throw new BundleError('log.tile_invalid', `entry bundle ${index} has fewer than ${width} entries`);
  }
  // A full bundle may stand where a partial one was asked for.
  return entries.slice(0, width);
}

async function fetchShown(fetchEntries: FetchEntries, index: number, width: number): Promise<Uint8Array> {
  try {
    return await fetchEntries(index, width);
  } catch (error) {
    if (!isClientError(error, 'tile.not_found', 'response.too_large')) throw error;
    throw new ClientError(
      'log.unproven',
      `the registry does not show the entries of its log from ${index * BUNDLE_WIDTH} on`,
      { cause: error },
    );
  }
}
