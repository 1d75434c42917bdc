import type { Lockfile, Pin, WantedByName } from '@sheaf/client';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import type { Session, UseRegistry } from '../registry/session.js';
import type { OpenProject } from './open-project.js';
import { locateWanted, originOf } from './registries.js';

/** What a project asks of its lockfile, and where each registry is. */
export interface WantedOfProject {
  readonly wanted: readonly WantedByName[];
  /** Addresses by origin. */
  readonly urls: ReadonlyMap<string, string>;
}

export interface ProjectUse {
  readonly context: Context;
  readonly input: Input;
  readonly project: OpenProject;
  readonly use: UseRegistry;
}

/**
 * Lists `[workflows]` with the origin of each registry.
 *
 * @param findPin the pin of a registry; one that has none is called by what its address suggests, when `locked` is given
 */
export async function listWanted(
  { context, input, project, use }: ProjectUse,
  findPin: (session: Session) => Promise<Pin | undefined>,
  locked: Lockfile,
): Promise<WantedOfProject> {
  const origins = new Map<string, string>();
  const urls = new Map<string, string>();
  const lockedOrigins = locked.registries.map(({ origin }) => origin);
  const wanted: WantedByName[] = [];
  for (const { name, reference } of project.workflows.values()) {
    const chosen = await locateWanted({ context, input, project, use }, reference, locked);
    const registry = await use(chosen, async (session) => {
      const known = origins.get(session.url);
      if (known !== undefined) return known;
      const origin = originOf(session.url, await findPin(session), lockedOrigins);
      origins.set(session.url, origin);
      urls.set(origin, session.url);
      return origin;
    });
    wanted.push({ name, id: reference.id, registry, selector: reference.selector });
  }
  return { wanted, urls };
}
