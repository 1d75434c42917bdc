import type { Db } from '../../db/connection.js';
import { addDownloads } from '../../db/download-queries.js';
import type { ObjectStore } from '../../objects/port.js';
import { createDownloadCounter } from '../downloads/counter.js';
import { createGate } from '../gate.js';
import { createBlobs } from './blobs.js';
import { createBundles } from './bundles.js';
import { sizeOfAnswer, type ReadyAnswer } from './document.js';
import { createOutgoing } from './outgoing.js';
import type { Reads } from './reads.js';
import { createTaggedCache } from './tagged-cache.js';
import type { Touch } from './touch.js';

export interface ReadsLimits {
  readonly answerBytes: number;
  readonly blobBytes: number;
  readonly bundleBytes: number;
  /** How many answers are rendered at a time: each holds a connection to the database. */
  readonly renderings: number;
}

export interface ReadsDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly now: () => number;
  readonly elapsedMs: () => number;
  readonly onLookup?: (cache: 'answers' | 'blobs' | 'bundles', outcome: 'hit' | 'miss') => void;
}

/** Of large answers, while they wait for readers who do not take them. */
const OUTGOING_BYTES = 64 * 1024 * 1024;
/** Of large blobs, while they come from the store. */
const READING_BYTES = 32 * 1024 * 1024;
/** Of bundles, while they are being unpacked. */
const UNPACKING_BYTES = 64 * 1024 * 1024;
/** Answers show download counts that are at most so old, beside the seconds for which counts are gathered. */
const COUNTS_AGE_MS = 60_000;

export function createReads(deps: ReadsDeps, limits: ReadsLimits): Reads {
  const { db, objects, now, elapsedMs, onLookup } = deps;
  const lookup = (cache: 'answers' | 'blobs' | 'bundles') => (outcome: 'hit' | 'miss') =>
    onLookup?.(cache, outcome);
  const renderings = createGate({ capacity: limits.renderings, maxWaiting: 1_000, what: 'documents' });
  const answers = (maxBytes: number) =>
    createTaggedCache<ReadyAnswer>({
      maxBytes,
      sizeOf: sizeOfAnswer,
      gate: renderings,
      now: elapsedMs,
      onLookup: lookup('answers'),
    });
  const open = answers(Math.ceil(limits.answerBytes * 0.8));
  const closed = answers(Math.ceil(limits.answerBytes * 0.2));
  const blobs = createBlobs({
    objects,
    maxBytes: limits.blobBytes,
    windows: createGate({ capacity: READING_BYTES, maxWaiting: 500, what: 'downloads' }),
    onLookup: lookup('blobs'),
  });
  const touch = (touches: Iterable<Touch>) => {
    for (const each of touches) {
      open.touch(each);
      closed.touch(each);
    }
  };
  return {
    open,
    closed,
    blobs,
    outgoing: createOutgoing({ softBytes: OUTGOING_BYTES, now: elapsedMs }),
    bundles: createBundles({
      blobs,
      maxBytes: limits.bundleBytes,
      gate: createGate({ capacity: UNPACKING_BYTES, maxWaiting: 100, what: 'bundles' }),
      now: elapsedMs,
      onLookup: lookup('bundles'),
    }),
    downloads: createDownloadCounter({
      now,
      add: async (counts) => {
        for (const counted of await addDownloads(db, counts)) {
          open.touchOlder(counted, elapsedMs() - COUNTS_AGE_MS);
          closed.touchOlder(counted, elapsedMs() - COUNTS_AGE_MS);
        }
      },
    }),
    touch,
    forgetAnswers: () => {
      open.clear();
      closed.clear();
    },
  };
}
