import type { JsonValue } from '../model.js';
import { isTable } from '../schema/check.js';
import { readList, type Table } from '../tables.js';
import { quote, tick } from '../text.js';
import { readToml } from './toml.js';
import type { Finding, Path, ReadSource } from './tree.js';
import { readYaml } from './yaml.js';

/** A text and the name that diagnostics give it. */
export interface SourceText {
  readonly text: string;
  /** YAML where it ends in .yaml or .yml, else TOML. */
  readonly file: string;
}

/** A definition, or what is laid over one. */
export interface Layer {
  readonly source: SourceText;
  readonly read: ReadSource;
}

/** A definition with what is laid over it as one document, and which text each part of it comes from. */
export interface Layers {
  /** Undefined when one of the texts cannot be read. */
  readonly value: JsonValue | undefined;
  readonly all: readonly Layer[];
  /** The text that said a part last, or what is around it. */
  readonly layerOf: (path: Path) => Layer;
  /** What is wrong with a text by itself. */
  readonly findings: readonly (readonly [Layer, Finding])[];
}

/** Which layer a value comes from; of a table that several layers make, those of the keys that are not from its own. */
interface Origin {
  readonly layer: Layer;
  readonly keys: Map<string, Origin>;
}

/** The key of an overlay that lists what it takes away: TOML has no null. */
const REMOVE = 'remove';

/**
 * Lays texts over a definition, each over the ones before: tables are merged key by key, everything else takes the place of what was there,
 * and lists do so as a whole. `remove` lists paths, as keys of TOML with dots, that are taken away; so is what is null in YAML.
 */
export function readLayers(base: SourceText, overlays: readonly SourceText[]): Layers {
  const first = readLayer(base);
  const all = [first, ...overlays.map(readLayer)];
  const findings = all.flatMap((layer) => layer.read.findings.map((finding) => [layer, finding] as const));
  const isBroken = all.some(({ read }) => read.tree === undefined || read.problems.length > 0);
  if (isBroken || all.length === 1) {
    return { value: isBroken ? undefined : first.read.tree?.value, all, layerOf: () => first, findings };
  }
  const origin: Origin = { layer: first, keys: new Map() };
  let value: JsonValue = first.read.tree?.value ?? null;
  for (const layer of all.slice(1)) {
    const over = layer.read.tree?.value ?? null;
    if (!isTable(over) || !isTable(value)) {
      findings.push([layer, { code: 'value.type', message: 'an overlay must be a table', path: [] }]);
      continue;
    }
    const { [REMOVE]: removed, ...rest } = over;
    value = merge(value, rest, origin, layer);
    const { kept, problems } = removeAll(value, removed, layer);
    value = kept;
    findings.push(...problems);
  }
  return { value, all, layerOf: (path) => findLayer(origin, path), findings };
}

function readLayer(source: SourceText): Layer {
  return { source, read: /\.ya?ml$/i.test(source.file) ? readYaml(source.text) : readToml(source.text) };
}

function merge(base: Table, over: Table, origin: Origin, layer: Layer): Table {
  const merged = Object.assign(Object.create(null), base) as Record<string, JsonValue>;
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(base, key) ? base[key] : undefined;
    if (value === null) {
      Reflect.deleteProperty(merged, key);
    } else if (isTable(before) && isTable(value)) {
      const known = origin.keys.get(key) ?? { layer: origin.layer, keys: new Map<string, Origin>() };
      origin.keys.set(key, known);
      merged[key] = merge(before, value, known, layer);
    } else {
      origin.keys.set(key, { layer, keys: new Map() });
      merged[key] = value;
    }
  }
  return merged;
}

function removeAll(
  value: Table,
  removed: JsonValue | undefined,
  layer: Layer,
): { readonly kept: Table; readonly problems: readonly (readonly [Layer, Finding])[] } {
  if (removed === undefined) return { kept: value, problems: [] };
  const problems: (readonly [Layer, Finding])[] = [];
  if (!Array.isArray(removed)) {
    const message = '`remove` must be a list of paths';
    return { kept: value, problems: [[layer, { code: 'overlay.remove', message, path: [REMOVE] }]] };
  }
  let kept = value;
  for (const [at, text] of readList(removed).entries()) {
    const path = typeof text === 'string' ? readKeyPath(text) : undefined;
    const without = path === undefined ? undefined : remove(kept, path);
    if (without !== undefined) kept = without;
    else {
      const message =
        path === undefined
          ? `${typeof text === 'string' ? quote(text) : 'this'} is no path`
          : `there is no ${tick(path.join('.'))} to remove`;
      problems.push([layer, { code: 'overlay.remove', message, path: [REMOVE, at] }]);
    }
  }
  return { kept, problems };
}

/** A copy of the tables on the way, without what the path names; undefined when it is not there. */
function remove(table: Table, [key = '', ...rest]: readonly string[]): Table | undefined {
  if (!Object.hasOwn(table, key)) return undefined;
  const copy = Object.assign(Object.create(null), table) as Record<string, JsonValue>;
  if (rest.length === 0) {
    Reflect.deleteProperty(copy, key);
    return copy;
  }
  const inner = table[key];
  const without = isTable(inner) ? remove(inner, rest) : undefined;
  if (without === undefined) return undefined;
  copy[key] = without;
  return copy;
}

const MAX_PATH_LENGTH = 1000;

/** The parts of a key as TOML writes it, with dots, and quotes where they are needed; undefined for what is none. */
export function readKeyPath(text: string): readonly string[] | undefined {
  if (text.length > MAX_PATH_LENGTH || /[\n=#]/.test(text)) return undefined;
  const { tree } = readToml(`${text} = 0`);
  const path: string[] = [];
  let value: JsonValue | undefined = tree?.value;
  while (isTable(value)) {
    const [key] = Object.keys(value);
    if (key === undefined) return undefined;
    path.push(key);
    value = value[key];
  }
  return value === 0 ? path : undefined;
}

function findLayer(origin: Origin, path: Path): Layer {
  let at = origin;
  for (const key of path) {
    const next = at.keys.get(String(key));
    if (next === undefined) break;
    at = next;
  }
  return at.layer;
}
