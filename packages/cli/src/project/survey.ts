import {
  ageLimitOf,
  EMPTY_LOCKFILE,
  findWanted,
  formatReference,
  isClientError,
  isHigherVersion,
  mapLimited,
  resolveVersion,
  type AgeLimit,
  type HeldVersion,
  type LockedWorkflow,
  type Lockfile,
  type PolicyContext,
  type Reference,
  type WantedByName,
} from '@sheaf/client';
import type { VersionSummary, WorkflowDocument } from '@sheaf/client/contract';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import type { SurveyRowJson } from '../json/parts/survey.js';
import { assertSameLog } from '../registry/log-key.js';
import { FETCH_CONCURRENCY } from '../registry/fetch-several.js';
import { policyFor } from '../registry/policy.js';
import { withSessions, type Session } from '../registry/session.js';
import { compareSides } from './compare-sides.js';
import { describeHeld } from './render-lock.js';
import { findLock } from './lock-on-disk.js';
import type { OpenProject } from './open-project.js';
import { listWanted } from './wanted.js';
import { openTrust } from '../registry/open-trust.js';

/** What is locked for a name, what there is, and what would change: as the registry tells it, nothing is verified. */
export type SurveyRow = SurveyRowJson;

export interface Survey {
  readonly rows: readonly SurveyRow[];
  /** Addresses of registries, by origin. */
  readonly urls: ReadonlyMap<string, string>;
  /** What is locked, by name. */
  readonly locked: ReadonlyMap<string, LockedWorkflow>;
}

export interface SurveyOptions {
  /** The names that are wanted; all of them when it is empty. */
  readonly names: readonly string[];
  readonly allowYoung: readonly string[];
}

/** Asks for every name what there is by now. @throws what a registry that cannot be asked throws */
export async function surveyProject(
  {
    context,
    input,
    project,
  }: { readonly context: Context; readonly input: Input; readonly project: OpenProject },
  { names, allowYoung }: SurveyOptions,
): Promise<Survey> {
  const lock = (await findLock(project)) ?? EMPTY_LOCKFILE;
  const [policy, trust] = await Promise.all([
    policyFor(context, { yes: false, allowYoung }),
    openTrust(context),
  ]);
  return withSessions(context, async (use) => {
    const findPin = ({ url }: Session) => trust.findPin(url);
    const { wanted, urls } = await listWanted({ context, input, project, use }, findPin, lock);
    const asked = wanted.filter(({ name }) => names.length === 0 || names.includes(name));
    const rows = await mapLimited(asked, FETCH_CONCURRENCY, (want) =>
      use(urls.get(want.registry), async (session) => {
        const reference = project.workflows.get(want.name)?.reference ?? want;
        return surveyOne({ context, session, policy, lock }, want, formatReference(reference));
      }),
    );
    const locked = asked.flatMap((want) => {
      const entry = findLocked(lock, want);
      return entry === undefined ? [] : [[want.name, entry] as const];
    });
    return { rows, urls, locked: new Map(locked) };
  });
}

interface SurveyDeps {
  readonly context: Context;
  readonly session: Session;
  readonly policy: PolicyContext;
  readonly lock: Lockfile;
}

async function surveyOne(deps: SurveyDeps, want: WantedByName, reference: string): Promise<SurveyRow> {
  const { context, session, policy, lock } = deps;
  const { name, id, registry } = want;
  const locked = findLocked(lock, want);
  const base = { name, reference, id, registry, ...(locked === undefined ? {} : { now: locked.version }) };
  let document: WorkflowDocument;
  try {
    [document] = await Promise.all([
      session.client.getWorkflow(id, { signal: context.signal }),
      assertSameLog(context, session),
    ]);
  } catch (error) {
    if (!isClientError(error, 'workflow.not_found', 'namespace.not_found')) throw error;
    return { ...base, status: 'unknown', problem: { code: error.code, message: error.message } };
  }
  const age = ageLimitOf(policy, registry, id);
  const range = resolve(document, want, age);
  const newest = resolve(document, { id, selector: { kind: 'latest' } }, age);
  const best = higher(newest.version, range.version);
  const target = chooseTarget(locked?.version, range.version, best);
  const summary = summaryOf(document, target ?? locked?.version ?? best);
  const compareTo = async (version: string | undefined) => {
    if (locked === undefined) return {};
    if (version === undefined) return SAME;
    const sides = { id, now: summaryOf(document, locked.version), next: summaryOf(document, version) };
    return compareSides(session.client, sides, context.signal);
  };
  const held = [range.held, newest.held].find(
    (each) => each !== undefined && each.version !== locked?.version,
  );
  return {
    ...base,
    ...(range.version === undefined ? {} : { range: range.version }),
    ...(best === undefined ? {} : { newest: best }),
    ...(target === undefined ? {} : { target }),
    ...(summary === undefined ? {} : { publishedAt: summary.publishedAt }),
    ...(await compareTo(target)),
    ...describeState(summaryOf(document, locked?.version), summaryOf(document, target)),
    ...(held === undefined ? {} : { held: describeHeld(held) }),
    ...(range.problem === undefined ? {} : { problem: range.problem }),
    status: statusOf(summaryOf(document, locked?.version), locked, range),
  };
}

const SAME = { signer: 'same', permissions: { added: [], removed: [] } } as const;

/** What a name means in the lockfile; when its requirement was changed since, what it meant before. */
function findLocked(lock: Lockfile, want: WantedByName): LockedWorkflow | undefined {
  const { id, registry } = want;
  return (
    findWanted(lock, want) ?? lock.workflows.find((each) => each.id === id && each.registry === registry)
  );
}

interface Resolved {
  readonly version?: string;
  readonly held?: HeldVersion;
  readonly problem?: { readonly code: string; readonly message: string };
}

function resolve(document: WorkflowDocument, reference: Reference, age: AgeLimit): Resolved {
  try {
    const { version, held } = resolveVersion(document, reference, age);
    return held === undefined ? { version } : { version, held };
  } catch (error) {
    if (isClientError(error, 'release.too_young')) return { held: findHeld(document, reference, age) };
    if (isClientError(error, 'version.unresolved', 'state.quarantined', 'key.revoked'))
      return { problem: { code: error.code, message: error.message } };
    throw error;
  }
}

/** A range may allow what the channel `latest` has left behind, such as a deprecated version. */
function higher(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return isHigherVersion(other, one) ? other : one;
}

/** The version that would be meant if all were old enough. */
function findHeld(document: WorkflowDocument, reference: Reference, age: AgeLimit): HeldVersion {
  const { version, summary } = resolveVersion(document, reference);
  const { minReleaseAgeMs } = age;
  return { version, untilMs: Date.parse(summary.publishedAt) + minReleaseAgeMs, minReleaseAgeMs };
}

/** What the columns on age, signer and permissions are about: what an upgrade takes, else what lies beyond the range. */
function chooseTarget(
  now: string | undefined,
  range: string | undefined,
  newest: string | undefined,
): string | undefined {
  if (range !== undefined && range !== now) return range;
  return newest !== undefined && (now === undefined || isHigherVersion(newest, now)) ? newest : undefined;
}

function statusOf(
  summary: VersionSummary | undefined,
  locked: LockedWorkflow | undefined,
  { version, problem }: Resolved,
): SurveyRow['status'] {
  if (locked === undefined) return problem === undefined ? 'not_locked' : 'unknown';
  const isWithdrawn =
    summary === undefined ||
    summary.revoked !== undefined ||
    summary.state === 'yanked' ||
    summary.state === 'quarantined';
  if (isWithdrawn) return 'withdrawn';
  if (problem !== undefined) return 'unknown';
  return version !== undefined && version !== locked.version && isHigherVersion(version, locked.version)
    ? 'behind'
    : 'current';
}

function summaryOf(document: WorkflowDocument, version: string | undefined): VersionSummary | undefined {
  return document.versions.find((each) => each.version === version);
}

/** The state of what is locked, or when that is well, of what would be. */
function describeState(
  now: VersionSummary | undefined,
  target: VersionSummary | undefined,
): Pick<SurveyRow, 'state'> {
  const told = [now, target].find(
    (each) => each !== undefined && (each.state !== 'active' || each.revoked !== undefined),
  );
  if (told === undefined) return {};
  const { version, state, reason, replacement, revoked } = told;
  return {
    state: {
      version,
      state: revoked === undefined ? state : 'revoked',
      ...(reason === undefined ? {} : { reason }),
      ...(replacement === undefined ? {} : { replacement }),
    },
  };
}
