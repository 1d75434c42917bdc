import type { Db } from '../../db/connection.js';
import { newestEvents, numberEvents } from '../../db/event-queries.js';
import { PUBLIC_REALM } from '../log/realms.js';
import { renderAtom } from './atom.js';

export interface AtomSubject {
  readonly namespace?: string | undefined;
  readonly workflow?: string | undefined;
  /** The log to read. */
  readonly realm?: string | undefined;
  readonly path: string;
}

/** Feeds, rendered once for each state of the feed of events. */
export interface AtomFeeds {
  get(subject: AtomSubject): Promise<Buffer>;
}

const ENTRIES = 50;
const MAX_CACHED = 200;

export interface AtomFeedsDeps {
  readonly db: Db;
  readonly origin: string;
  readonly signIn: { readonly publicUrl: string | undefined };
}

/** Links of a feed begin with the public URL that is configured, else with https and the origin: it is the same for all. */
export function createAtomFeeds({ db, origin, signIn }: AtomFeedsDeps): AtomFeeds {
  const publicUrl = signIn.publicUrl ?? `https://${origin}`;
  const cached = new Map<string, { readonly head: number; readonly body: Promise<Buffer> }>();

  const render = async ({ namespace, workflow, realm = PUBLIC_REALM, path }: AtomSubject) => {
    const events = await newestEvents(db, ENTRIES, { realms: [realm], namespace, workflow });
    const subject = namespace === undefined ? undefined : [namespace, workflow].filter(Boolean).join('/');
    return Buffer.from(renderAtom({ origin, publicUrl, path, subject, events }));
  };
  return {
    get: async (subject) => {
      const { numbered: head } = await numberEvents(db);
      const held = cached.get(subject.path);
      if (held?.head === head) return held.body;
      const body = render(subject);
      cached.delete(subject.path);
      cached.set(subject.path, { head, body });
      for (const oldest of cached.keys()) {
        if (cached.size <= MAX_CACHED) break;
        cached.delete(oldest);
      }
      // One that failed is not what the next reader gets.
      body.catch(() => {
        if (cached.get(subject.path)?.body === body) cached.delete(subject.path);
      });
      return body;
    },
  };
}
