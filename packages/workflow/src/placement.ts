import type { Diagnostic } from './diagnostics.js';
import { HINTS } from './hints.js';
import type { Layer, Layers } from './source/layers.js';
import { createLines } from './source/lines.js';
import {
  toPointer,
  type Finding,
  type Path,
  type RelatedFinding,
  type SourceProblem,
  type SourceRange,
  type SourceTree,
} from './source/tree.js';
import { printable } from './text.js';

const MAX_DIAGNOSTICS = 200;
const MAX_POINTER_LENGTH = 4096;
const MAX_RELATED = 12;

/** Gives findings their places, in the order of the texts, and cuts what nobody reads. A finding without a layer is about what was merged. */
export function placeAll(
  layers: Layers,
  findings: readonly (readonly [Layer | undefined, Finding])[],
): readonly Diagnostic[] {
  const problems = layers.all.flatMap((layer) =>
    layer.read.problems.map((problem) => [layer, problem] as const),
  );
  if (problems.length + findings.length === 0) return [];
  const placeIn = createPlacer();
  const placed: (readonly [Layer, Diagnostic])[] = [
    ...problems.map(([layer, problem]) => [layer, describeProblem(layer, problem, placeIn)] as const),
    ...findings.map(([known, finding]) => {
      const layer = known ?? layers.layerOf(finding.path);
      return [layer, describeFinding(layer, finding, layers, placeIn)] as const;
    }),
  ];
  const order = new Map(layers.all.map((layer, at) => [layer, at]));
  const all = placed
    .sort(
      ([a, one], [b, other]) =>
        (order.get(a) ?? 0) - (order.get(b) ?? 0) || one.line - other.line || one.column - other.column,
    )
    .map(([, diagnostic]) => diagnostic);
  return all.length <= MAX_DIAGNOSTICS ? all : cut(all);
}

type Placer = (
  layer: Layer,
  range: SourceRange,
) => Required<Pick<Diagnostic, 'line' | 'column' | 'endLine' | 'endColumn'>>;

/** The lines of a text are counted once, when the first place in it is asked for. */
function createPlacer(): Placer {
  const known = new Map<Layer, ReturnType<typeof createLines>>();
  return (layer, range) => {
    const lines = known.get(layer) ?? createLines(layer.source.text);
    known.set(layer, lines);
    const start = lines.positionAt(range.start);
    const end = lines.positionAt(range.end);
    return { ...start, endLine: end.line, endColumn: end.column };
  };
}

function describeProblem(
  layer: Layer,
  { range, related = [], ...problem }: SourceProblem,
  placeIn: Placer,
): Diagnostic {
  const places = related
    .slice(0, MAX_RELATED)
    .map((each) => ({ ...placeIn(layer, each.range), label: each.label }));
  return {
    severity: 'error',
    ...problem,
    hint: problem.hint ?? HINTS[problem.code],
    file: layer.source.file,
    ...placeIn(layer, range),
    ...(places.length === 0 ? {} : { related: places }),
  };
}

function describeFinding(layer: Layer, finding: Finding, layers: Layers, placeIn: Placer): Diagnostic {
  const { elsewhere, related } = relate(layer, finding.related ?? [], layers, placeIn);
  const note = [...(finding.note === undefined ? [] : [finding.note]), ...elsewhere].join('; ');
  const pointer = findPointer(finding.path);
  return {
    severity: finding.severity ?? 'error',
    code: finding.code,
    message: finding.message,
    hint: finding.hint ?? HINTS[finding.code],
    ...(finding.label === undefined ? {} : { label: finding.label }),
    ...(note === '' ? {} : { note }),
    file: layer.source.file,
    ...placeIn(layer, rangeOf(layer.read.tree, finding)),
    ...(related.length === 0 ? {} : { related }),
    ...(pointer === undefined ? {} : { pointer }),
  };
}

/** Related places are lines of the same text; those of another one are told in words. */
function relate(
  layer: Layer,
  findings: readonly RelatedFinding[],
  layers: Layers,
  placeIn: Placer,
): { readonly related: NonNullable<Diagnostic['related']>; readonly elsewhere: readonly string[] } {
  const elsewhere: string[] = [];
  const related = findings.slice(0, MAX_RELATED).flatMap((each) => {
    const other = layers.layerOf(each.path);
    const place = placeIn(other, rangeOf(other.read.tree, each));
    if (other === layer) return [{ ...place, label: each.label }];
    elsewhere.push(`${each.label}: ${printable(other.source.file, 200)}:${place.line}:${place.column}`);
    return [];
  });
  return { related, elsewhere };
}

/** Undefined for a path that no valid definition has: one long key would be written out for each finding below it. */
export function findPointer(path: Path): string | undefined {
  const length = path.reduce((sum: number, part) => sum + String(part).length, 0);
  return length > MAX_POINTER_LENGTH ? undefined : toPointer(path);
}

/** The place of a finding, or the nearest place around it that is known. */
function rangeOf(
  tree: SourceTree | undefined,
  finding: Pick<Finding, 'path' | 'at' | 'within'>,
): SourceRange {
  if (tree === undefined) return { start: 0, end: 0 };
  const exact = tree.locate(finding.path);
  if (exact === undefined) {
    for (let length = finding.path.length - 1; length > 0; length--) {
      const around = tree.locate(finding.path.slice(0, length));
      if (around !== undefined) return around.key ?? around.value;
    }
    return { start: 0, end: 0 };
  }
  if (finding.at === 'key') return exact.key ?? exact.value;
  if (finding.within === undefined) return exact.value;
  const start = exact.offsetOf(finding.within.start);
  const end = exact.offsetOf(finding.within.end);
  return start === undefined ? exact.value : { start, end: Math.max(start, end ?? start) };
}

function cut(all: readonly Diagnostic[]): readonly Diagnostic[] {
  // What makes the definition invalid must survive the cut.
  const ordered = [
    ...all.filter((d) => d.severity === 'error'),
    ...all.filter((d) => d.severity === 'warning'),
  ];
  const kept = ordered.slice(0, MAX_DIAGNOSTICS - 1);
  const last = kept.at(-1);
  if (last === undefined) return kept;
  const { file, line, column } = last;
  const message = 'there are more problems than are shown';
  const code = 'diagnostics.limit';
  return [...kept, { severity: last.severity, code, message, hint: HINTS[code], file, line, column }];
}
