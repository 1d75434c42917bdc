import {
  allows,
  compareDefinitions,
  isClientError,
  isRefusal,
  mapLimited,
  type ClientError,
  type LockedWorkflow,
  type Reference,
  type WorkflowChanges,
} from '@sheaf/client';
import { parseVersion, type Version } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { openFetchProgress } from '../registry/fetch-progress.js';
import { FETCH_CONCURRENCY } from '../registry/fetch-several.js';
import { fetchVerified, type Fetched, type FetchOptions } from '../registry/fetch.js';
import { withSessions, type Session } from '../registry/session.js';
import { createTurns } from '../registry/turns.js';
import { rangeFrom } from './short-name.js';
import type { Survey, SurveyRow } from './survey.js';

/** A name that may move, with what it would be, verified. */
export interface PlannedUpgrade {
  readonly kind: 'upgrade';
  readonly row: SurveyRow;
  readonly from: string;
  readonly to: Version;
  /** What `sheaf.toml` is to ask for afterwards. */
  readonly selector: Reference['selector'];
  readonly fetched: Fetched;
  /** What is locked, verified as well; undefined when it is {@link lost}. */
  readonly before: Fetched['workflow'] | undefined;
  readonly changes: WorkflowChanges;
  /** Why what is locked could not be compared with: then all that is asked for counts as new. */
  readonly lost: ClientError | undefined;
}

/** A name that stays, because what it would be is refused. */
export interface RefusedUpgrade {
  readonly kind: 'refused';
  readonly row: SurveyRow;
  readonly from: string;
  readonly to: Version;
  readonly error: ClientError;
}

export interface UpgradeWish {
  /** Just this version. */
  readonly to: Version | undefined;
  /** The newest, also beyond the range. */
  readonly isLatest: boolean;
}

/** The version that a name is to move to; undefined when it stays. */
export function findTarget(row: SurveyRow, { to, isLatest }: UpgradeWish): Version | undefined {
  const { now, range, newest } = row;
  const text = to ?? (isLatest ? newest : range);
  if (now === undefined || text === undefined || text === now) return undefined;
  // Without a wish for just one version nothing moves back, unless what is locked was withdrawn.
  const isWanted = to !== undefined || row.status === 'withdrawn' || row.target !== undefined;
  return isWanted ? parseVersion(text) : undefined;
}

/** Fetches and verifies what each name would be, and compares it with what it is. */
export async function planUpgrades(
  context: Context,
  { rows, urls, locked }: Survey,
  {
    wish,
    references,
    options,
  }: {
    readonly wish: UpgradeWish;
    readonly references: ReadonlyMap<string, Reference>;
    readonly options: FetchOptions;
  },
): Promise<readonly (PlannedUpgrade | RefusedUpgrade)[]> {
  const moves = rows.flatMap((row) => {
    const to = findTarget(row, wish);
    const entry = locked.get(row.name);
    const reference = references.get(row.name);
    if (to === undefined || entry === undefined || reference === undefined) return [];
    return [{ row, to, entry, selector: reference.selector }];
  });
  const progress = openFetchProgress(context);
  const together = { ...options, progress, turns: createTurns() };
  try {
    return await withSessions(context, (use) =>
      mapLimited(moves, FETCH_CONCURRENCY, (move) =>
        use(urls.get(move.row.registry), (session) => planOne(context, session, move, together)),
      ),
    );
  } finally {
    progress.close();
  }
}

interface Move {
  readonly row: SurveyRow;
  readonly to: Version;
  readonly entry: LockedWorkflow;
  /** What `sheaf.toml` asks for. */
  readonly selector: Reference['selector'];
}

async function planOne(
  context: Context,
  session: Session,
  { row, to, entry, selector }: Move,
  options: FetchOptions,
): Promise<PlannedUpgrade | RefusedUpgrade> {
  const base = { row, from: entry.version, to };
  const asked: Reference = { id: entry.id, selector: { kind: 'version', version: to } };
  const after = await attempt(fetchVerified(context, session, asked, options));
  if ('error' in after) return { kind: 'refused', ...base, error: after.error };
  const before = await fetchLocked(context, session, entry, options);
  return {
    kind: 'upgrade',
    ...base,
    selector: selectorFor(selector, after),
    fetched: after,
    before: before.workflow,
    changes: compareDefinitions(before.workflow && sideOf(before.workflow), sideOf(after.workflow)),
    lost: before.error,
  };
}

function sideOf({ bundle, signerFacts }: Fetched['workflow']) {
  return { ...bundle, signers: signerFacts.map(({ keyid }) => keyid) };
}

async function attempt(work: Promise<Fetched>): Promise<Fetched | { readonly error: ClientError }> {
  try {
    return await work;
  } catch (error) {
    // What is refused is one line of the answer; all else ends the command, explained.
    if (isRefusal(error)) return { error };
    throw error;
  }
}

interface Before {
  readonly workflow: Fetched['workflow'] | undefined;
  readonly error: ClientError | undefined;
}

/** What is locked, verified; without it when it is refused by now, or gone. */
async function fetchLocked(
  context: Context,
  session: Session,
  { id, tar }: LockedWorkflow,
  options: FetchOptions,
): Promise<Before> {
  try {
    const reference: Reference = { id, selector: { kind: 'digest', digest: tar } };
    const { workflow } = await fetchVerified(context, session, reference, options);
    return { workflow, error: undefined };
  } catch (error) {
    if (isRefusal(error) || isClientError(error, 'version.unresolved', 'state.quarantined', 'key.revoked'))
      return { workflow: undefined, error };
    throw error;
  }
}

/** What `sheaf.toml` asks for already where that allows the version; else the same kind of requirement, moved. */
function selectorFor(known: Reference['selector'], { workflow }: Fetched): Reference['selector'] {
  const { version, digest } = workflow;
  if (allows(known, { version, tar: digest })) return known;
  switch (known.kind) {
    case 'version':
      return { kind: 'version', version };
    case 'digest':
      return { kind: 'digest', digest };
    case 'range':
      return { kind: 'range', range: rangeFrom(version, known.range.startsWith('~') ? '~' : '^') };
    case 'latest':
    case 'channel':
      return { kind: 'range', range: rangeFrom(version) };
  }
}
