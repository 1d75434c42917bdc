import type { Location, Path } from './tree.js';

/** Locations by path. A tree and not a table of pointers: below one long key these would be quadratic to write. */
export interface Places {
  /** What is set first stays. */
  readonly set: (path: Path, location: Location) => void;
  readonly find: (path: Path) => Location | undefined;
}

interface Place {
  location?: Location;
  children?: Map<string, Place>;
}

export function createPlaces(): Places {
  const root: Place = {};
  return {
    set: (path, location) => {
      let place = root;
      for (const part of path) {
        const key = String(part);
        place.children ??= new Map();
        const next: Place = place.children.get(key) ?? {};
        place.children.set(key, next);
        place = next;
      }
      place.location ??= location;
    },
    find: (path) => {
      let place: Place | undefined = root;
      for (const part of path) place = place?.children?.get(String(part));
      return place?.location;
    },
  };
}
