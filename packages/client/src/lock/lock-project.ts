import { parseWorkflowId } from '@sheaf/workflow';
import { leaveOnAbort } from '../cancelled.js';
import { ClientError } from '../errors.js';
import type { Pin } from '../pin.js';
import { formatSelector } from '../reference.js';
import type { VerifiedWorkflow } from '../verification-types.js';
import { compareLockfiles, type LockChange } from './changes.js';
import { createLockedEntry, createLockedRegistry } from './locked-entry.js';
import {
  MAX_LOCKED,
  type LockedDependency,
  type LockedRegistry,
  type LockedWorkflow,
  type Lockfile,
} from './lockfile.js';
import { lockedRealm } from './prove.js';
import { pruneLockfile } from './prune.js';
import { isRefusal, type RefusedEntry } from './refresh.js';
import type { WantedByName } from './staleness.js';
import { allows, closureOf, findWanted, nameOf, type Wanted } from './wanted.js';

/** How many workflows may stand one above the other. */
const MAX_DEPTH = 32;

/** How workflows are got while a project is locked. */
export interface LockDeps {
  /**
   * Resolves, fetches and verifies, online; `kept` is the entry that is in the lockfile already, of which just this
   * version may be answered.
   */
  readonly fetch: (
    wanted: Wanted,
    kept: LockedWorkflow | undefined,
    options: { readonly signal: AbortSignal },
  ) => Promise<FetchedForLock>;
}

/** A workflow that was verified to be locked, and under which pin. */
export interface FetchedForLock {
  readonly workflow: VerifiedWorkflow;
  readonly pin: Pin;
}

/** What a project wants, and what it had. */
export interface LockRequest {
  readonly wanted: readonly WantedByName[];
  /** What was locked before; it is kept where it still fits. */
  readonly previous: Lockfile;
  /** Short names to resolve anew, whatever is locked. */
  readonly update: ReadonlySet<string>;
  /** Ends it with `operation.cancelled`; a fetch that goes on is told, and not waited for. */
  readonly signal?: AbortSignal | undefined;
}

/** A name that stays at what is locked for it, because what it would be now is refused. */
export interface RefusedName extends RefusedEntry {
  readonly name: string;
}

/** A lockfile, and what differs from the one before. */
export interface LockedProject {
  readonly lock: Lockfile;
  readonly changes: readonly LockChange[];
  readonly refused: readonly RefusedName[];
}

/**
 * Locks a project: every name, and what it depends on, and so on. Each pair of workflow and range gets the highest
 * version that the range allows, unless one that is locked fits; so several versions of a workflow may stand side by
 * side. Dependencies are read from verified definitions only, and come from the registry of the one that needs them.
 *
 * A name whose version is refused keeps what is locked for it, and the others go on.
 *
 * @throws ClientError `dependency.cycle` with the path, `dependency.too_deep`, `lock.too_large`, `operation.cancelled`; what `fetch` throws,
 *   a refusal only for a name that nothing is locked for
 */
export async function lockProject(
  { wanted, previous, update, signal }: LockRequest,
  deps: LockDeps,
): Promise<LockedProject> {
  const locking: Locking = {
    deps,
    signal,
    previous,
    done: new Map(),
    registries: new Map(),
    answers: new Map(),
  };
  const refused: RefusedName[] = [];
  for (const want of wanted) {
    const locked = findWanted(previous, want);
    try {
      await lockOne(locking, want, update.has(want.name) ? undefined : locked, []);
    } catch (error) {
      if (locked === undefined || !isRefusal(error)) throw error;
      keepLocked(locking, locked);
      refused.push({ name: want.name, id: want.id, version: locked.version, error });
    }
  }
  const lock = pruneLockfile(
    { registries: [...locking.registries.values()], workflows: [...locking.done.values()] },
    wanted,
  );
  return { lock, changes: compareLockfiles(previous, lock), refused };
}

/** An entry with all that it depends on, as it is in the lockfile. */
function keepLocked({ previous, done, registries }: Locking, locked: LockedWorkflow): void {
  for (const entry of closureOf(previous, [locked])) {
    if (!done.has(nameOf(entry))) done.set(nameOf(entry), entry);
    const realm = lockedRealm(entry);
    const log = previous.registries.find((each) => each.origin === entry.registry && each.realm === realm);
    const key = `${entry.registry} ${realm}`;
    if (log !== undefined && !registries.has(key)) registries.set(key, log);
  }
}

interface Locking {
  readonly deps: LockDeps;
  readonly signal: AbortSignal | undefined;
  readonly previous: Lockfile;
  /** Entries with all their dependencies, by name. */
  readonly done: Map<string, LockedWorkflow>;
  readonly registries: Map<string, LockedRegistry>;
  /** What was chosen for each pair of workflow and selector. */
  readonly answers: Map<string, LockedWorkflow>;
}

async function lockOne(
  locking: Locking,
  wanted: Wanted,
  kept: LockedWorkflow | undefined,
  path: readonly string[],
): Promise<LockedWorkflow> {
  const question = questionOf(wanted, kept);
  const answered = locking.answers.get(question);
  if (answered !== undefined) return answered;
  const { workflow, pin } = await leaveOnAbort([locking.signal], (signal) =>
    locking.deps.fetch(wanted, kept, { signal }),
  );
  const name = nameOf({ id: workflow.id, version: workflow.version, registry: pin.origin });
  const entry = locking.done.get(name) ?? (await lockVerified(locking, workflow, pin, [...path, name]));
  locking.answers.set(question, entry);
  return entry;
}

async function lockVerified(
  locking: Locking,
  workflow: VerifiedWorkflow,
  pin: Pin,
  path: readonly string[],
): Promise<LockedWorkflow> {
  assertPath(path);
  const registry = pin.origin;
  const before = findBefore(locking, workflow, registry);
  const dependencies: LockedDependency[] = [];
  for (const [text, range] of Object.entries(workflow.bundle.definition.dependencies)) {
    const want: Wanted = { id: parseWorkflowId(text), registry, selector: { kind: 'range', range } };
    const { id, version } = await lockOne(locking, want, findKept(locking, want, before), path);
    dependencies.push({ id, version });
  }
  const created = createLockedEntry(workflow, registry, dependencies);
  // What was locked before keeps its lines, so that the file changes only where something did.
  const entry = before === undefined ? created : { ...before, dependencies: created.dependencies };
  locking.done.set(nameOf(entry), entry);
  if (locking.done.size > MAX_LOCKED) {
    throw new ClientError('lock.too_large', `more than ${MAX_LOCKED} workflows would have to be locked`, {
      hint: 'use fewer, or such that depend on less',
    });
  }
  keepRegistry(locking, workflow, pin);
  return entry;
}

/** The entry of the same release in the lockfile so far. */
function findBefore({ previous }: Locking, workflow: VerifiedWorkflow, registry: string) {
  const name = nameOf({ id: workflow.id, version: workflow.version, registry });
  return previous.workflows.find((one) => nameOf(one) === name && one.tar === workflow.digest);
}

/**
 * What a dependency stays at: the version that was locked for this very dependent, else any that is locked or was
 * chosen a moment ago. That gives the same answer again, and few versions.
 */
function findKept(
  { previous, done }: Locking,
  want: Wanted,
  dependent: LockedWorkflow | undefined,
): LockedWorkflow | undefined {
  const recorded = dependent?.dependencies.find(({ id }) => id === want.id);
  const same = recorded && previous.workflows.find((one) => nameOf(one) === nameOf({ ...want, ...recorded }));
  if (same !== undefined && allows(want.selector, same)) return same;
  const chosen = { registries: [], workflows: [...done.values()] };
  return findWanted(previous, want) ?? findWanted(chosen, want);
}

function keepRegistry(locking: Locking, workflow: VerifiedWorkflow, pin: Pin): void {
  const key = `${pin.origin} ${workflow.realm}`;
  if (locking.registries.has(key)) return;
  const before = locking.previous.registries.find(
    ({ origin, realm, logKey }) => origin === pin.origin && realm === workflow.realm && logKey === pin.logKey,
  );
  locking.registries.set(key, before ?? createLockedRegistry(workflow, pin));
}

function assertPath(path: readonly string[]): void {
  const last = path.at(-1);
  const shown = (names: readonly string[]) =>
    names.map((name) => name.slice(name.indexOf(' ') + 1)).join(' → ');
  const first = path.findIndex((name) => name === last);
  if (first !== path.length - 1) {
    throw new ClientError(
      'dependency.cycle',
      `these workflows depend on each other: ${shown(path.slice(first))}`,
      { hint: 'tell their publishers: only they can break it' },
    );
  }
  if (path.length > MAX_DEPTH) {
    throw new ClientError(
      'dependency.too_deep',
      `more than ${MAX_DEPTH} workflows depend on one another: ${shown(path.slice(0, 3))} → …`,
      { hint: 'use one that depends on less' },
    );
  }
}

function questionOf({ id, registry, selector }: Wanted, kept: LockedWorkflow | undefined): string {
  return JSON.stringify([registry, id, kept?.version ?? formatSelector(selector)]);
}
