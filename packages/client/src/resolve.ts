import { parseDigest, type Digest } from '@sheaf/bundle';
import { parseVersion, printable, type Version } from '@sheaf/workflow';
import type { VersionSummary, WorkflowDocument } from './contract/index.js';
import { ClientError } from './errors.js';
import { formatDurationMs } from './policy/duration.js';
import { formatReference, type Reference } from './reference.js';
import { takeYoung } from './remedy.js';
import { formatTimeMs } from './times.js';
import { compareVersions, isInRange, isPrerelease } from './version-order.js';

/** The version that a reference means, as the registry tells it: what it says is proven by verification only. */
export interface Resolution {
  readonly version: Version;
  readonly digest: Digest;
  /** `deprecated` and `yanked` deserve a warning; `summary` has the reason. */
  readonly state: 'active' | 'deprecated' | 'yanked';
  readonly summary: VersionSummary;
  /** The newest version that fits better and is held back because of its age. */
  readonly held?: HeldVersion;
}

/** A version that is younger than the policy asks for. */
export interface HeldVersion {
  readonly version: Version;
  readonly untilMs: number;
  readonly minReleaseAgeMs: number;
}

/** How old a version must be before a range, a channel or "latest" means it. */
export interface AgeLimit {
  readonly minReleaseAgeMs: number;
  readonly nowMs: number;
  /** Versions that may be younger. */
  readonly isExempt?: ((version: Version) => boolean) | undefined;
}

const SHOWN = 5;

/**
 * Picks the version that a reference means.
 *
 * A range and "latest" never pick what is yanked, nor a prerelease that was not asked for. An exact version or digest
 * may be yanked: the result says so. Quarantined versions, and those that the revocation of a key refuses, are never
 * picked. With an age limit a range and "latest"
 * pick the newest version that is old enough, and the result names the one that is held back. What the registry tells
 * of age and state here only chooses: verification decides by the log.
 *
 * @throws ClientError `version.unresolved`, `state.quarantined`, `key.revoked`, `response.invalid`
 */
export function resolveVersion(document: WorkflowDocument, reference: Reference, age?: AgeLimit): Resolution {
  const choice = chooseVersion(document, reference, age);
  if (choice.refusal !== undefined) throw choice.refusal;
  return choice.resolution;
}

/** A version, and either what it resolves to or why it is not picked all the same. */
export type Choice = Pick<Resolution, 'version' | 'digest'> &
  (
    | { readonly resolution: Resolution; readonly refusal?: undefined }
    | { readonly resolution?: undefined; readonly refusal: ClientError }
  );

/**
 * As {@link resolveVersion}, for whoever goes on to verify: a version that the registry says is refused is answered with
 * the refusal, so that what the log has to say of it can be proven, and kept.
 *
 * @throws ClientError `version.unresolved`, `response.invalid`
 */
export function chooseVersion(document: WorkflowDocument, reference: Reference, age?: AgeLimit): Choice {
  if (document.id !== reference.id) {
    throw new ClientError(
      'response.invalid',
      `the registry answered for another workflow than ${reference.id}`,
    );
  }
  const versions = document.versions.map(readSummary).sort((a, b) => compareVersions(b.version, a.version));
  const newest = pick(document, versions, reference);
  const untilMs = newest && age && heldUntil(newest, age);
  const isHeld = untilMs !== undefined && !isExact(reference);
  const old = isHeld
    ? versions.filter((v) => age !== undefined && heldUntil(v, age) === undefined)
    : versions;
  const found = isHeld ? pick(document, old, reference) : newest;
  if (found === undefined && newest !== undefined && untilMs !== undefined)
    throw tooYoung(reference, newest, { untilMs, minReleaseAgeMs: age?.minReleaseAgeMs ?? 0 });
  if (found === undefined) throw unresolved(document, versions, reference);
  const { version, digest, summary } = found;
  const { state } = summary;
  if (summary.revoked !== undefined)
    return { version, digest, refusal: revoked(reference, found, summary.revoked, newestHint(versions)) };
  if (state === 'quarantined')
    return { version, digest, refusal: quarantined(reference, found, newestHint(versions)) };
  const held =
    isHeld && newest !== undefined && age !== undefined
      ? { held: { version: newest.version, untilMs, minReleaseAgeMs: age.minReleaseAgeMs } }
      : {};
  return { version, digest, resolution: { version, digest, state, summary, ...held } };
}

function quarantined({ id }: Reference, { version, summary }: Candidate, hint: string): ClientError {
  return new ClientError('state.quarantined', `${id} ${version} is quarantined${because(summary)}`, { hint });
}

function revoked(
  { id }: Reference,
  { version }: Candidate,
  { keyid, reason, logIndex }: NonNullable<VersionSummary['revoked']>,
  hint: string,
): ClientError {
  return new ClientError(
    'key.revoked',
    `${id} ${version} is signed by key ${keyid.slice(0, 16)}, which was revoked as ${reason} at log index ${logIndex}`,
    { hint },
  );
}

/** Until when a version is too young; undefined when it is old enough. */
function heldUntil({ version, summary }: Candidate, age: AgeLimit): number | undefined {
  const { minReleaseAgeMs, nowMs, isExempt } = age;
  if (isExempt?.(version) === true) return undefined;
  const untilMs = Date.parse(summary.publishedAt) + minReleaseAgeMs;
  return minReleaseAgeMs > 0 && nowMs < untilMs ? untilMs : undefined;
}

function isExact({ selector }: Reference): boolean {
  return selector.kind === 'version' || selector.kind === 'digest';
}

function tooYoung(
  { id }: Reference,
  { version }: Candidate,
  { untilMs, minReleaseAgeMs }: Omit<HeldVersion, 'version'>,
): ClientError {
  const remedy = takeYoung(`${id}@${version}`);
  return new ClientError(
    'release.too_young',
    `${id} ${version} is held until ${formatTimeMs(untilMs)} (min_release_age ${formatDurationMs(minReleaseAgeMs)}), and no older version fits`,
    { hint: `wait, or take it once with ${remedy.text}`, remedy },
  );
}

interface Candidate {
  readonly version: Version;
  readonly digest: Digest;
  readonly summary: VersionSummary;
}

function readSummary(summary: VersionSummary): Candidate {
  try {
    return { version: parseVersion(summary.version), digest: parseDigest(summary.digest), summary };
  } catch (cause) {
    throw new ClientError('response.invalid', 'the registry lists a version that is not valid', { cause });
  }
}

function pick(
  document: WorkflowDocument,
  versions: readonly Candidate[],
  { selector }: Reference,
): Candidate | undefined {
  switch (selector.kind) {
    case 'version':
      return versions.find((v) => v.version === selector.version);
    case 'digest':
      return versions.find((v) => v.digest === selector.digest);
    case 'channel':
      return pickChannel(document, versions, selector.channel);
    case 'range':
      return versions.find((v) => isOffered(v) && isInRange(v.version, selector.range));
    case 'latest':
      return (
        pickChannel(document, versions, 'latest') ??
        versions.find((v) => isOffered(v) && !isPrerelease(v.version))
      );
  }
}

function pickChannel(
  document: WorkflowDocument,
  versions: readonly Candidate[],
  channel: string,
): Candidate | undefined {
  if (!Object.hasOwn(document.channels, channel)) return undefined;
  return versions.find((v) => isOffered(v) && v.version === document.channels[channel]);
}

function isOffered({ summary }: Candidate): boolean {
  return summary.revoked === undefined && (summary.state === 'active' || summary.state === 'deprecated');
}

function unresolved(
  document: WorkflowDocument,
  versions: readonly Candidate[],
  reference: Reference,
): ClientError {
  const isAllGone = !versions.some(isOffered);
  const newest = versions.slice(0, SHOWN).map(({ version, summary }) => {
    const state = summary.revoked === undefined ? summary.state : 'revoked';
    return state === 'active' ? version : `${version} (${state}${isAllGone ? whyOf(summary) : ''})`;
  });
  const list = newest.length === 0 ? 'it has no versions' : `its newest are ${newest.join(', ')}`;
  return new ClientError(
    'version.unresolved',
    `no version of ${reference.id} fits ${describe(reference)}; ${list}`,
    {
      hint: hintFor(document, versions, reference),
    },
  );
}

/** The reason of its publisher, which is asked for where nothing is left; a revoked version has one that says nothing about its content. */
function whyOf({ revoked: revocation, reason }: VersionSummary): string {
  return revocation !== undefined || reason === undefined ? '' : `: ${printable(reason, 80)}`;
}

function describe(reference: Reference): string {
  const { selector } = reference;
  if (selector.kind === 'latest') return 'without a range';
  return selector.kind === 'channel'
    ? `the channel ${selector.channel}`
    : (formatReference(reference).split('@')[1] ?? '');
}

function hintFor(
  document: WorkflowDocument,
  versions: readonly Candidate[],
  { selector }: Reference,
): string {
  if (selector.kind === 'channel') {
    const channels = Object.keys(document.channels).slice(0, 10);
    if (channels.length > 0) return `its channels are ${printable(channels.join(', '), 200)}`;
  }
  const offered = versions.filter(isOffered);
  if (offered.length > 0 && offered.every((v) => isPrerelease(v.version))) {
    return `it has prereleases only: ask for one by its version, as @${offered[0]?.version ?? ''}`;
  }
  return newestHint(versions);
}

function newestHint(versions: readonly Candidate[]): string {
  const active = versions.filter((v) => isOffered(v) && v.summary.state === 'active');
  const good = active.find((v) => !isPrerelease(v.version)) ?? active[0];
  return good === undefined ? 'ask its publisher for a version that is offered' : `ask for @${good.version}`;
}

function because(summary: VersionSummary): string {
  return summary.reason === undefined ? '' : `: ${printable(summary.reason, 500)}`;
}
