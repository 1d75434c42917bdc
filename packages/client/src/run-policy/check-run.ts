import { coversHost, printable, quote, type Permissions } from '@sheaf/workflow';
import { ClientError } from '../errors.js';
import { matchesGlob } from '../policy/glob.js';
import type { PolicyPlace } from '../policy/policy-place.js';
import { POLICY_PROFILES, type PolicyProfile, type RunCeilings, type RunLimits } from './run-policy.js';

/** A workflow that is to run, or that one uses. */
export interface RunSubject {
  readonly id: string;
  /** Of its registry; unset for a folder of one's own. */
  readonly origin?: string;
  readonly permissions: Pick<Permissions, 'network'>;
}

/** Throws ClientError `policy.refused` for the first thing that one of the files does not allow. */
export function checkRun(limits: readonly RunLimits[], subjects: readonly RunSubject[]): void {
  for (const limit of limits) for (const subject of subjects) checkSubject(limit, subject);
}

function checkSubject(limits: RunLimits, { id, origin, permissions }: RunSubject): void {
  const { registries, publishers, hosts, place } = limits;
  if (origin !== undefined && registries?.includes(origin) === false)
    throw refused(place, `${id} is from ${printable(origin)}, which is not one of its registries`);
  if (origin !== undefined && publishers?.some((pattern) => isBy(pattern, id)) === false)
    throw refused(place, `${id} is by nobody that it names among its publishers`);
  const host = hosts === undefined ? undefined : permissions.network.find((each) => !coversHost(hosts, each));
  if (host !== undefined)
    throw refused(place, `${id} asks for the network ${quote(host)}, which is not one of its hosts`);
}

function isBy(pattern: string, id: string): boolean {
  return matchesGlob(pattern, pattern.includes('/') ? id : (id.split('/', 1)[0] ?? ''));
}

/** A profile that was chosen, and the file that chose another one than was asked for or is usual. */
export interface AllowedProfile {
  readonly profile: PolicyProfile;
  readonly place?: PolicyPlace;
}

/**
 * The profile that a run gets: the one that was asked for, where all files allow that; without one the usual one, or else the strictest
 * that they allow. Throws ClientError `policy.refused`.
 */
export function chooseProfile(
  limits: readonly RunLimits[],
  kind: 'registry' | 'local',
  { asked, usual }: { readonly asked?: PolicyProfile | undefined; readonly usual: PolicyProfile },
): AllowedProfile {
  const refusing = (profile: PolicyProfile): RunLimits | undefined =>
    limits.find(({ profiles }) => profiles[kind]?.includes(profile) === false);
  const wanted = asked ?? usual;
  const by = refusing(wanted);
  if (by === undefined) return { profile: wanted };
  const of = kind === 'registry' ? 'what came from a registry' : 'a folder of your own';
  const allowed = POLICY_PROFILES.filter((profile) => refusing(profile) === undefined);
  const [strictest] = allowed;
  if (strictest === undefined) throw refused(by.place, `it allows no profile for ${of}`);
  if (asked === undefined) return { profile: strictest, place: by.place };
  throw refused(
    by.place,
    `the profile ${asked} is not one that it allows for ${of}`,
    `--profile ${strictest}`,
  );
}

/** What all files together hold the steps of a run to. */
export interface StepRules extends RunCeilings {
  /** Where they are written. */
  readonly from: string;
  /** An image must be named by each of the lists. */
  readonly images?: readonly (readonly string[])[];
}

/** The lowest of each ceiling; undefined when no file says anything of it. */
export function combineRules(limits: readonly RunLimits[]): StepRules | undefined {
  const saying = limits.filter(
    ({ ceilings, images }) => images !== undefined || Object.keys(ceilings).length > 0,
  );
  if (saying.length === 0) return undefined;
  const combined: Record<string, number> = {};
  for (const { ceilings } of saying)
    for (const [key, value] of Object.entries<number>({ ...ceilings }))
      combined[key] = Math.min(combined[key] ?? Number.POSITIVE_INFINITY, value);
  const images = saying.flatMap((limit) => (limit.images === undefined ? [] : [limit.images]));
  return {
    from: saying.map(({ place }) => placeText(place)).join(', '),
    ...combined,
    ...(images.length === 0 ? {} : { images }),
  };
}

/** `file:line`. */
export function placeText({ file, line }: PolicyPlace): string {
  return `${printable(file, 1000)}:${line}`;
}

function refused(place: PolicyPlace, problem: string, instead?: string): ClientError {
  return new ClientError('policy.refused', `${placeText(place)} refuses the run: ${problem}`, {
    hint: instead ?? 'ask who signs the policy of this machine: sheaf policy show',
  });
}
