import { createLines } from './lines.js';
import type { TomlPlace } from './document.js';
import { readToml } from './toml.js';
import type { Path } from './tree.js';
import { readYaml } from './yaml.js';

/** Finds where a part of a definition is written; inside a text at an offset of its decoded characters. */
export type PlaceFinder = (path: Path, decodedOffset?: number) => TomlPlace | undefined;

/** Reads a definition for its places: TOML, or YAML for a file named .yaml or .yml. Of what cannot be read no place is known. */
export function createPlaceFinder({
  text,
  file,
}: {
  readonly text: string;
  readonly file: string;
}): PlaceFinder {
  const { tree } = /\.ya?ml$/i.test(file) ? readYaml(text) : readToml(text);
  const lines = createLines(text);
  return (path, decodedOffset) => {
    const found = tree?.locate(path);
    if (found === undefined) return undefined;
    const inside = decodedOffset === undefined ? undefined : found.offsetOf(decodedOffset);
    return lines.positionAt(inside ?? found.value.start);
  };
}
