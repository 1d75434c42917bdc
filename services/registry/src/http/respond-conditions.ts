/** The headers of a GET or HEAD that decide which part of a representation is sent. Absent ones may be empty. */
export interface Conditions {
  readonly method: string;
  readonly ifNoneMatch: string | undefined;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

/** What is sent of a representation, with the first byte and the last. */
export type Outcome =
  | { readonly status: 200 | 206; readonly start: number; readonly end: number }
  | { readonly status: 304 }
  | { readonly status: 416 };

/**
 * What to answer when the representation has this entity tag, with its quotes, and so many bytes (RFC 9110 §13.2.2): 304
 * when the caller has it; the part that a single range names, and 416 when that lies outside; all of it otherwise, also
 * for several ranges and for forms of range that are unknown (§14.2).
 */
export function decide(asked: Conditions, etag: string, sizeBytes: number): Outcome {
  const { ifNoneMatch, ifRange } = asked;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '' && matchesETag(ifNoneMatch, etag))
    return { status: 304 };
  const whole = { status: 200, start: 0, end: sizeBytes - 1 } as const;
  if (asked.range === undefined || asked.range === '' || asked.method !== 'GET') return whole;
  // Only a strong tag can say that the parts belong together (§13.1.5).
  if (ifRange !== undefined && ifRange !== '' && ifRange !== etag) return whole;
  return decideRange(asked.range, sizeBytes) ?? whole;
}

function decideRange(header: string, sizeBytes: number): Outcome | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header);
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  return start > end ? { status: 416 } : { status: 206, start, end };
}

/** Weak comparison, as If-None-Match wants (§13.1.2). */
function matchesETag(header: string, etag: string): boolean {
  if (header === etag) return true;
  return header.split(',').some((candidate) => {
    const tag = candidate.trim();
    return tag === '*' || tag === etag || (tag.startsWith('W/') && tag.slice(2) === etag);
  });
}
