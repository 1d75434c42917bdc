import type { Diagnostic } from '../diagnostics.js';
import { HINTS } from '../hints.js';
import type { WorkflowDefinition } from '../model.js';
import { placeAll } from '../placement.js';
import { checkSchema, isTable } from '../schema/check.js';
import { readLayers, type SourceText } from '../source/layers.js';
import { createLines } from '../source/lines.js';
import type { Finding, Path, SourceRange } from '../source/tree.js';
import type { Surroundings } from '../uses.js';
import { buildTests } from './build-tests.js';
import { checkTests } from './check-tests.js';
import type { WorkflowTest } from './model.js';
import { testSchema } from './schema.js';

/** Largest test file, in UTF-16 units. */
const MAX_SOURCE_LENGTH = 1_048_576;

/** A place in a text; all numbers are 1-based. */
export interface TestPlace {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** The tests of a file, and where each part of them is written. */
export interface ReadTests {
  /** Empty when a diagnostic is an error. */
  readonly tests: readonly WorkflowTest[];
  readonly diagnostics: readonly Diagnostic[];
  /** Of what is not written out, the place of the nearest part around it. */
  readonly placeOf: (path: Path, at?: 'key') => TestPlace;
}

/**
 * Reads the tests of a workflow: TOML, or YAML for a file named .yaml or .yml. What they name must be in the definition, and what mocks give
 * must be what the steps would give. Never throws for bad input; at most 200 diagnostics, in the order of the file.
 */
export function readTests(
  source: SourceText,
  definition: WorkflowDefinition,
  surroundings: Surroundings = {},
): ReadTests {
  if (source.text.length > MAX_SOURCE_LENGTH) {
    const start = { line: 1, column: 1 };
    const code = 'syntax.too_large';
    const message = 'the test file is larger than 1 MiB';
    return {
      tests: [],
      diagnostics: [{ severity: 'error', code, message, hint: HINTS[code], file: source.file, ...start }],
      placeOf: () => ({ ...start, endLine: 1, endColumn: 1 }),
    };
  }
  const layers = readLayers(source, []);
  const [layer] = layers.all;
  const findings: (readonly [undefined, Finding])[] = layers.findings.map(([, found]) => [undefined, found]);
  let tests: readonly WorkflowTest[] = [];
  if (layers.value !== undefined) {
    const shape = checkSchema(testSchema, layers.value).map(nameFile);
    findings.push(...shape.map((finding) => [undefined, finding] as const));
    if (isTable(layers.value) && findings.length === 0) {
      tests = buildTests(layers.value);
      const found = checkTests(layers.value, tests, definition, surroundings);
      findings.push(...found.map((finding) => [undefined, finding] as const));
    }
  }
  const diagnostics = placeAll(layers, findings);
  const isBroken = diagnostics.some(({ severity }) => severity === 'error');
  const lines = createLines(source.text);
  const placeOf: ReadTests['placeOf'] = (path, at) => {
    const range = rangeOf(path, at);
    const end = lines.positionAt(range.end);
    return { ...lines.positionAt(range.start), endLine: end.line, endColumn: end.column };
  };
  const rangeOf = (path: Path, at?: 'key'): SourceRange => {
    for (let length = path.length; length > 0; length--) {
      const found = layer?.read.tree?.locate(path.slice(0, length));
      if (found === undefined) continue;
      return at === 'key' || length < path.length ? (found.key ?? found.value) : found.value;
    }
    return { start: 0, end: 0 };
  };
  return { tests: isBroken ? [] : tests, diagnostics, placeOf };
}

function nameFile(finding: Finding): Finding {
  return { ...finding, message: finding.message.replace(/^the definition /, 'the test file ') };
}
