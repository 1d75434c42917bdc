import { HINTS } from './hints.js';
import { buildDefinition } from './build.js';
import type { Diagnostic } from './diagnostics.js';
import type { JsonValue, WorkflowDefinition } from './model.js';
import { checkSchema, findMeant, isTable } from './schema/check.js';
import { definitionSchema } from './schema/definition-schema.js';
import { placeAll, findPointer } from './placement.js';
import { readLayers, type Layer, type Layers } from './source/layers.js';
import type { Finding } from './source/tree.js';
import { validateDefinition, type ValidationContext } from './validate/validate.js';

/** Largest definition file, in UTF-16 units; a bundle also bounds its bytes. */
const MAX_SOURCE_LENGTH = 1_048_576;
const MAX_PLACED = 1000;
/** A definition has fewer keys than this; each is compared with those that there are. */
const MAX_REPAIRED = 100;

/**
 * Reads and validates a definition: TOML 1.0, or YAML 1.2 (core, no anchors or tags) for a file named .yaml or .yml. `context.files` are
 * paths relative to the definition, with `/`; when they are given, globs and the files that steps name are checked against them. With
 * `context.workflows` what the workflows of [dependencies] take, give and ask for is checked too. `context.overlays` are laid over it first,
 * each over the ones before: tables are merged, everything else is replaced, and what `remove` lists is taken away; a diagnostic has the
 * place in the text that said it.
 * Never throws for bad input: `definition` is there exactly when no diagnostic is an error. Diagnostics come in the order of the file, at most 200.
 */
export function readDefinition(
  source: { readonly text: string; readonly file: string },
  context: ValidationContext = {},
): { readonly definition?: WorkflowDefinition; readonly diagnostics: readonly Diagnostic[] } {
  const overlays = context.overlays ?? [];
  const large = [source, ...overlays].find(({ text }) => text.length > MAX_SOURCE_LENGTH);
  if (large !== undefined) {
    const message = 'the definition is larger than 1 MiB';
    const code = 'syntax.too_large';
    const { file } = large;
    return {
      diagnostics: [{ severity: 'error', code, message, hint: HINTS[code], file, line: 1, column: 1 }],
    };
  }
  const layers = readLayers(source, overlays);
  const { definition, findings } = validate(layers, context);
  const diagnostics = placeAll(layers, findings);
  const isValid = definition !== undefined && diagnostics.every(({ severity }) => severity === 'warning');
  return { ...(isValid ? { definition } : {}), diagnostics };
}

/** What is found to be unused only where all could be read. */
const UNUSED: ReadonlySet<string> = new Set([
  'parameter.unused',
  'input.unused',
  'action.unused',
  'dependency.unused',
]);

function validate(
  { value, findings }: Layers,
  context: ValidationContext,
): {
  readonly definition?: WorkflowDefinition;
  readonly findings: readonly (readonly [Layer | undefined, Finding])[];
} {
  if (value === undefined) return { findings };
  const shape = checkSchema(definitionSchema, value);
  const seen = [...findings, ...shape.map((finding) => [undefined, finding] as const)];
  if (!isTable(value)) return { findings: seen };
  const { meant, repaired } = repairKeys(value);
  const definition = buildDefinition(repaired);
  const told = new Set(
    seen.map(([, { path }]) => findPointer(path)).filter((pointer) => pointer !== undefined),
  );
  const rest = keepMost(validateDefinition(definition, repaired, context)).filter(({ path }) => {
    const pointer = findPointer(path);
    return !meant.has(String(path[0])) && (pointer === undefined || !told.has(pointer));
  });
  const all = [...seen, ...rest.map((finding) => [undefined, finding] as const)];
  // What is not read yet may be what an error is about.
  const isBroken = all.some(([, { severity }]) => severity === undefined);
  return { definition, findings: isBroken ? all.filter(([, { code }]) => !UNUSED.has(code)) : all };
}

/**
 * The data as it was most likely meant: a table under a mistyped key, `step`, is there under the right one, so that what names its
 * entries is not told as well. What is wrong within such a table is told once its key is right.
 */
function repairKeys(data: Readonly<Record<string, JsonValue>>): {
  readonly meant: ReadonlySet<string>;
  readonly repaired: Readonly<Record<string, JsonValue>>;
} {
  const meant = new Set<string>();
  const repaired = Object.assign(Object.create(null), data) as Record<string, JsonValue>;
  for (const key of Object.keys(data).slice(0, MAX_REPAIRED)) {
    const right = findMeant(definitionSchema, key);
    if (right === undefined || Object.hasOwn(repaired, right)) continue;
    meant.add(right);
    repaired[right] = data[key] ?? null;
  }
  return meant.size === 0 ? { meant, repaired: data } : { meant, repaired };
}

/** More are not worth placing. Errors are kept before warnings, because they make the definition invalid. */
function keepMost(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= MAX_PLACED) return findings;
  const isError = (finding: Finding) => finding.severity === undefined;
  return [...findings.filter(isError), ...findings.filter((finding) => !isError(finding))].slice(
    0,
    MAX_PLACED,
  );
}
