const CODING = /^([a-z0-9*._-]{1,40})(?:\s*;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;
const MAX_REMEMBERED = 64;

/** What was decided for the headers that were seen last: browsers and tools send the same few. */
const remembered = new Map<string, boolean>();

/**
 * Whether an answer may be, and is best, sent with gzip (RFC 9110 §12.5.3). A coding that is named counts before `*`; one
 * that is not named is not wanted, but for `identity`, which is unless something else is preferred.
 */
export function prefersGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined || acceptEncoding === '') return false;
  const known = remembered.get(acceptEncoding);
  if (known !== undefined) return known;
  const decided = decide(acceptEncoding);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  if (acceptEncoding.length <= 200) remembered.set(acceptEncoding, decided);
  return decided;
}

function decide(header: string): boolean {
  const weights = new Map<string, number>();
  for (const item of header.split(',')) {
    const match = CODING.exec(item.trim());
    if (!match) continue;
    weights.set((match[1] ?? '').toLowerCase(), Number(match[2] ?? 1));
  }
  const any = weights.get('*');
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? any ?? 0;
  return gzip > 0 && gzip >= (weights.get('identity') ?? 0);
}
