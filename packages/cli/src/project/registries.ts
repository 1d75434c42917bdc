import type { Lockfile, Pin, Reference } from '@sheaf/client';
import type { RegistryChoice } from '../registry/choose.js';
import { candidatesFor, chooseAmong, type LocateUse } from '../registry/locate.js';
import { findKnownPin } from '../registry/log-key.js';
import { openTrust } from '../registry/open-trust.js';
import type { ProjectRegistries } from './registries-only.js';

/**
 * The registry that a reference of a project means. Where several are configured and it names none, the lockfile says
 * which one it was; only what is not locked yet is asked for.
 *
 * @param deps.project what it is to say from now on; as it is on disk unless given
 * @throws as `withReference`
 */
export async function locateWanted(
  deps: LocateUse & { readonly project?: ProjectRegistries },
  reference: Reference,
  lock: Lockfile,
): Promise<RegistryChoice> {
  const { context, input, project } = deps;
  const candidates = await candidatesFor(context, input, reference, project);
  const known = candidates.length > 1 ? await findLocked(deps, candidates, reference, lock) : [];
  const [only, ...more] = known;
  return only !== undefined && more.length === 0 ? only : chooseAmong(deps, candidates, reference);
}

/** Those of several registries that the lockfile has the workflow from. */
async function findLocked(
  { context }: LocateUse,
  candidates: readonly RegistryChoice[],
  { id }: Reference,
  { workflows }: Lockfile,
): Promise<readonly RegistryChoice[]> {
  const origins = new Set(workflows.flatMap((entry) => (entry.id === id ? [entry.registry] : [])));
  const found = await Promise.all(
    candidates.map(async (choice) => {
      const pin = await findKnownPin(context, { url: choice.url, trust: () => openTrust(context) });
      return origins.has(pin?.origin ?? new URL(choice.url).host) ? [choice] : [];
    }),
  );
  return found.flat();
}

/**
 * The origin that a lockfile knows a registry by. Without a pin it is what its address suggests: enough to compare a
 * lockfile with its project, and nothing is trusted for it.
 */
export function originOf(
  url: string,
  pin: Pick<Pin, 'origin'> | undefined,
  locked: readonly string[],
): string {
  if (pin !== undefined) return pin.origin;
  const { host } = new URL(url);
  const [only, ...more] = new Set(locked);
  return locked.includes(host) || only === undefined || more.length > 0 ? host : only;
}
