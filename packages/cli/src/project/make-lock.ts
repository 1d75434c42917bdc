import {
  formatSelector,
  isRefusal,
  lockProject,
  type FetchedForLock,
  type LockChange,
  type Lockfile,
  type RefusedName,
  type Wanted,
} from '@sheaf/client';
import type { Context } from '../frame/context.js';
import type { Input } from '../frame/args.js';
import { fetchVerified } from '../registry/fetch.js';
import { ensurePinned } from '../registry/first-contact.js';
import { withSessions, type Session } from '../registry/session.js';
import { readPrevious } from './lock-on-disk.js';
import type { OpenProject } from './open-project.js';
import { listWanted } from './wanted.js';

export interface LockSettings {
  readonly yes: boolean;
  readonly allowYoung: readonly string[];
  /** Short names to resolve anew. */
  readonly update: ReadonlySet<string>;
  /** What was fetched and looked at already: nothing else is taken in its place. */
  readonly given?: readonly GivenWorkflow[];
}

export interface GivenWorkflow extends FetchedForLock {
  readonly wanted: Pick<Wanted, 'id' | 'selector'>;
}

export interface MadeLock {
  readonly lock: Lockfile;
  /** The lockfile so far, as text. */
  readonly before: string | undefined;
  readonly changes: readonly LockChange[];
  /** Names that stay at what is locked, because what they would be now is refused. */
  readonly refused: readonly RefusedName[];
}

/** Locks a project, online, with the questions of a first use. Nothing is written. */
export async function makeLock(
  {
    context,
    input,
    project,
  }: { readonly context: Context; readonly input: Input; readonly project: OpenProject },
  { update, given = [], ...policy }: LockSettings,
): Promise<MadeLock> {
  const previous = await readPrevious(project);
  const options = { ...policy, offline: false };
  return withSessions(context, async (use) => {
    const contact = (session: Session) => ensurePinned(context, session, options);
    const { wanted, urls } = await listWanted({ context, input, project, use }, contact, previous.lock);
    const made = await lockProject(
      { wanted, previous: previous.lock, update },
      {
        fetch: async (want, kept) => {
          const found = given.find((each) => isFor(each, want));
          if (found !== undefined && (kept === undefined || kept.tar === found.workflow.digest)) return found;
          const { id, registry, selector } = want;
          const reference = {
            id,
            selector: kept === undefined ? selector : ({ kind: 'digest', digest: kept.tar } as const),
          };
          const outcome = await use(urls.get(registry), (session) =>
            fetchVerified(context, session, reference, options).catch((error: unknown) => {
              // What is refused is one line of the answer; all else ends the command, explained.
              if (isRefusal(error)) return { error };
              throw error;
            }),
          );
          if ('error' in outcome) throw outcome.error;
          return outcome;
        },
      },
    );
    return { ...made, before: previous.text };
  });
}

function isFor({ wanted, pin }: GivenWorkflow, want: Wanted): boolean {
  return (
    wanted.id === want.id &&
    pin.origin === want.registry &&
    formatSelector(wanted.selector) === formatSelector(want.selector)
  );
}
