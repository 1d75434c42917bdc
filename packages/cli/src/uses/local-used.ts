import {
  findWanted,
  type LockedWorkflow,
  type Lockfile,
  type Reference,
  type VerifiedWorkflow,
  type Wanted,
} from '@sheaf/client';
import { parseWorkflowId } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { isCi } from '../frame/ci.js';
import { CliError } from '../frame/errors.js';
import { findLock, getLock } from '../project/lock-on-disk.js';
import { findProject, type OpenProject } from '../project/open-project.js';
import { locateWanted, originOf } from '../project/registries.js';
import { assertFits, describeLocked } from '../project/stale.js';
import { verifyClosure } from '../project/verify-closure.js';
import { listWanted } from '../project/wanted.js';
import { describeState, fetchVerified, type FetchOptions } from '../registry/fetch.js';
import { locateReference } from '../registry/locate.js';
import { openTrust } from '../registry/open-trust.js';
import { withSessions, type UseRegistry } from '../registry/session.js';
import type { ValidSource } from '../workflow/source.js';
import { fetchClosure } from './fetch-used.js';
import { findIn, usedIn, type Closure } from './closure.js';
import { NO_WORKFLOWS, type UsedWorkflows } from './used-workflows.js';

interface LocalUse {
  readonly context: Context;
  readonly input: Input;
  readonly use: UseRegistry;
  /** Why only a lockfile counts; undefined when nothing says so. */
  readonly why: string | undefined;
}

/** The lockfile that speaks for a folder. */
interface ProjectLock {
  readonly project: OpenProject;
  readonly lock: Lockfile;
}

/**
 * Gets what a definition of one's own uses: what the lockfile beside or above it holds, verified as for a workflow that `sheaf.toml` names.
 * What is not locked is resolved by its registry, unless only the lockfile counts.
 *
 * @throws CliError `lock.missing`, `lock.stale`, `definition.invalid`; as `verifyClosure`, `fetchVerified`
 */
export async function fetchLocalUsed(
  context: Context,
  input: Input,
  { dir, definition }: ValidSource,
  options: FetchOptions,
): Promise<UsedWorkflows> {
  const dependencies = Object.entries(definition.dependencies);
  if (dependencies.length === 0) return NO_WORKFLOWS;
  const why = input.has('locked') || isCi(context) ? describeLocked(context, input.has('locked')) : undefined;
  const locked = await findProjectLock(context, dir, why);
  return withSessions(context, async (use) => {
    const local: LocalUse = { context, input, use, why };
    const closure = new Map<LockedWorkflow, VerifiedWorkflow>();
    const direct: LockedWorkflow[] = [];
    for (const [id, range] of dependencies) {
      const reference: Reference = { id: parseWorkflowId(id), selector: { kind: 'range', range } };
      const found =
        (locked === undefined ? undefined : await findLocked(local, locked, reference, options)) ??
        (await resolve(local, reference, options));
      usedIn(found.closure, found.entry);
      direct.push(found.entry);
      for (const [entry, workflow] of found.closure) closure.set(entry, workflow);
    }
    const all = [...new Map([...closure.values()].map((each) => [each.digest, each])).values()];
    return {
      find: findIn(closure, direct),
      all,
      warnings: all.flatMap((each) => describeState({ workflow: each })),
    };
  });
}

async function findProjectLock(
  context: Context,
  dir: string,
  why: string | undefined,
): Promise<ProjectLock | undefined> {
  const project = await findProject({ cwd: dir, env: context.env });
  if (project === undefined) {
    if (why === undefined) return undefined;
    throw new CliError(
      'lock.missing',
      `there is no sheaf.toml whose lockfile could hold what it uses${why}`,
      {
        hint: 'sheaf add the workflows of its [dependencies], and commit sheaf.lock',
      },
    );
  }
  const lock = why === undefined ? await findLock(project) : await getLock(project, why);
  return lock === undefined ? undefined : { project, lock };
}

interface Found {
  readonly entry: LockedWorkflow;
  readonly closure: Closure;
}

async function findLocked(
  { context, input, use, why }: LocalUse,
  { project, lock }: ProjectLock,
  { id, selector }: Reference,
  options: FetchOptions,
): Promise<Found | undefined> {
  const trust = await openTrust(context);
  const { wanted, urls } = await listWanted(
    { context, input, project, use },
    ({ url }) => trust.findPin(url),
    lock,
  );
  if (why !== undefined) await assertFits(context, project, lock, { wanted, why });
  // Where the project names it, it says of which registry.
  const named = [...project.workflows.values()].find(({ reference }) => reference.id === id)?.reference;
  const choice = await locateWanted({ context, input, use, project }, { ...named, id, selector }, lock);
  const origins = lock.registries.map(({ origin }) => origin);
  const registry = await use(choice, async ({ url }) => originOf(url, await trust.findPin(url), origins));
  const target: Wanted = { id, selector, registry };
  const entry = findWanted(lock, target);
  if (entry !== undefined) {
    const { closure } = await verifyClosure({ context, use, urls }, lock, entry, options);
    return { entry, closure };
  }
  if (why === undefined) return undefined;
  throw new CliError('lock.stale', `${project.lockFile} holds nothing for ${nameOf(id, selector)}${why}`, {
    hint: `run  sheaf add ${nameOf(id, selector)}  and commit sheaf.lock`,
  });
}

async function resolve(
  { context, input, use }: LocalUse,
  reference: Reference,
  options: FetchOptions,
): Promise<Found> {
  const name = nameOf(reference.id, reference.selector);
  context.ui.say(`${name} is not locked: sheaf add ${name}`);
  const choice = await locateReference({ context, input, use }, reference);
  return use(choice, async (session) => {
    const root = await fetchVerified(context, session, reference, options);
    const closure = await fetchClosure(context, session, root, options);
    for (const [entry, workflow] of closure) if (workflow === root.workflow) return { entry, closure };
    throw new TypeError('a closure holds its root');
  });
}

function nameOf(id: string, selector: Reference['selector']): string {
  return selector.kind === 'range' ? `${id}@${selector.range}` : id;
}
