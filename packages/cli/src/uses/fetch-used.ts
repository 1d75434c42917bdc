import {
  EMPTY_LOCKFILE,
  lockProject,
  type FetchedForLock,
  type LockedWorkflow,
  type VerifiedWorkflow,
} from '@sheaf/client';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { fetchVerified, type Fetched, type FetchOptions } from '../registry/fetch.js';
import { withSession, type Session } from '../registry/session.js';
import { usedIn, type Closure } from './closure.js';
import type { UsedWorkflows } from './used-workflows.js';

interface Root {
  readonly fetched: Fetched;
  /** Address of its registry. */
  readonly url: string;
  /** It and all that it depends on, where a lockfile says what that is. */
  readonly closure?: Closure;
}

/**
 * Gets what a verified workflow uses, and what that uses: what the lockfile holds for it, where one was asked; else what its registry
 * resolves each range to, or offline the cache. All of it is verified.
 *
 * @throws CliError `definition.invalid` when it does not fit; ClientError `dependency.cycle`, `dependency.too_deep`; as `fetchVerified`
 */
export async function fetchUsed(
  context: Context,
  input: Input,
  { fetched, url, closure }: Root,
  options: FetchOptions,
): Promise<UsedWorkflows> {
  if (closure !== undefined) return usedByRoot(closure, fetched);
  return withSession(
    context,
    input,
    async (session) => usedByRoot(await fetchClosure(context, session, fetched, options), fetched),
    { url },
  );
}

function usedByRoot(closure: Closure, { workflow }: Fetched): UsedWorkflows {
  for (const [entry, each] of closure) if (each === workflow) return usedIn(closure, entry);
  throw new TypeError('a closure holds its root');
}

/** A verified workflow and all that it depends on, chosen as a lockfile would have them. */
export async function fetchClosure(
  context: Context,
  session: Session,
  root: FetchedForLock,
  options: FetchOptions,
): Promise<Closure> {
  const { id, digest } = root.workflow;
  const { origin } = root.pin;
  const found = new Map<string, VerifiedWorkflow>();
  const { lock } = await lockProject(
    {
      wanted: [{ name: id, id, registry: origin, selector: { kind: 'digest', digest } }],
      previous: EMPTY_LOCKFILE,
      update: new Set(),
      signal: context.signal,
    },
    {
      fetch: async ({ id: wanted, selector }, kept) => {
        const isRoot = wanted === id && selector.kind === 'digest';
        const reference = {
          id: wanted,
          selector: kept === undefined ? selector : ({ kind: 'digest', digest: kept.tar } as const),
        };
        const got = isRoot ? root : await fetchVerified(context, session, reference, options);
        found.set(got.workflow.digest, got.workflow);
        return got;
      },
    },
  );
  return new Map(lock.workflows.map((entry) => [entry, getFound(found, entry)]));
}

function getFound(
  found: ReadonlyMap<string, VerifiedWorkflow>,
  { id, tar }: LockedWorkflow,
): VerifiedWorkflow {
  const workflow = found.get(tar);
  if (workflow === undefined) throw new TypeError(`${id} was locked without being fetched`);
  return workflow;
}
