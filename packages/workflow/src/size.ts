const UNITS: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** The largest amount of memory, in bytes: 4096 GiB. */
const MAX_SIZE_BYTES = 4096 * 1024 ** 3;

/** Bytes of `64KiB`, `512MiB` or `2GiB`; undefined for other text and for more than 4096 GiB. */
export function findSizeBytes(text: string): number | undefined {
  const match = /^([1-9]\d{0,8})(KiB|MiB|GiB)$/.exec(text);
  if (match === null) return undefined;
  const bytes = Number(match[1]) * (UNITS[match[2] ?? ''] ?? Number.NaN);
  return bytes <= MAX_SIZE_BYTES ? bytes : undefined;
}
