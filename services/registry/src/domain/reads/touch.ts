/**
 * What a change bears on: one workflow; a whole namespace, such as by an event of its keys; what follows from the newest
 * checkpoint of a log; or what follows from the day, of which every process hears by itself.
 */
export type Touch =
  | { readonly ns: string; readonly name?: string; readonly realm?: undefined; readonly isNewDay?: undefined }
  | {
      readonly realm: string;
      readonly ns?: undefined;
      readonly name?: undefined;
      readonly isNewDay?: undefined;
    }
  | {
      readonly isNewDay: true;
      readonly ns?: undefined;
      readonly name?: undefined;
      readonly realm?: undefined;
    };

/** What something that was rendered depends on: a touch of any of its tags makes it stale. */
export type ReadTags = readonly string[];

export function workflowTags(ns: string, name: string): ReadTags {
  return [`workflow ${ns}/${name}`, `within ${ns}`];
}

export function namespaceTags(ns: string): ReadTags {
  return [`namespace ${ns}`, `within ${ns}`];
}

/** For what follows from the newest checkpoint of a log. */
export function realmTags(realm: string): ReadTags {
  return [`realm ${realm}`];
}

/** For what follows from all workflows together. */
export const CATALOGUE_TAGS: ReadTags = ['catalogue'];

/** For what is another thing on another day (UTC), such as what was fetched in the last seven. */
export const DAY_TAGS: ReadTags = ['day'];

/** The tags that a change makes stale. */
export function touchedTags({ ns, name, realm, isNewDay }: Touch): ReadTags {
  if (isNewDay) return DAY_TAGS;
  if (realm !== undefined) return realmTags(realm);
  if (name === undefined) return [`within ${ns}`, ...CATALOGUE_TAGS];
  return [`workflow ${ns}/${name}`, `namespace ${ns}`, ...CATALOGUE_TAGS];
}

/** A touch as text for other processes. */
export function formatTouch(touch: Touch): string {
  return JSON.stringify(touch);
}

/** Reads what another process sent; undefined for what this one does not understand. */
export function findTouch(text: string): Touch | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { ns, name, realm } = value as Record<string, unknown>;
  if (typeof realm === 'string') return { realm };
  if (typeof ns !== 'string') return undefined;
  return typeof name === 'string' ? { ns, name } : { ns };
}
