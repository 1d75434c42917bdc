import type { References } from '../expression/check/context.js';
import type { CelType, RecordType } from '../expression/types.js';
import type { JsonValue, Step, Work, WorkflowDefinition } from '../model.js';
import { MAX_PATTERN_INSTRUCTIONS } from '../pattern/pattern.js';
import type { Finding, Path, SourceRange } from '../source/tree.js';
import type { Surroundings } from '../uses.js';
import { listSteps, type PlacedStep } from '../walk.js';
import { createNameContext } from './name-context.js';
import { secretInputs } from './secrets.js';
import { createScopeNames, type ScopeNames } from './scope-names.js';
import { checkCondition, checkList, checkSeconds, checkText, type TemplateCheck } from './template-checks.js';

/** What the templates of a definition refer to, and what is wrong with them. */
export interface TemplateAnalysis {
  readonly findings: readonly Finding[];
  readonly parameters: ReadonlySet<string>;
  readonly readsAnyParameter: boolean;
  /** By step: the steps beside it that its templates, and those of the steps in it, read; and where each is read first. */
  readonly steps: ReadonlyMap<Step, ReadonlyMap<string, StepReference>>;
  /** By action or script: the types of the texts in its `with`. */
  readonly given: ReadonlyMap<Work, ReadonlyMap<string, CelType>>;
}

/** A place that reads the outputs of a step. */
export interface StepReference {
  readonly path: Path;
  readonly within: SourceRange;
}

/** Checks every template of a definition and collects its references. */
export function analyseTemplates(
  definition: WorkflowDefinition,
  around: Surroundings = {},
): TemplateAnalysis {
  const analysis: Analysis = {
    names: createScopeNames(createNameContext(definition, around)),
    check: { patterns: { remaining: MAX_PATTERN_INSTRUCTIONS }, findings: [], isConditional: false },
    takesSecret: (work) => secretInputs(work, definition, around),
    parameters: new Set(),
    steps: new Map(),
    given: new Map(),
    readsAnyParameter: false,
  };
  for (const [name, template] of Object.entries(definition.actions)) {
    analyseTexts(template, ['actions', name], analysis.names.ofAction(name), undefined, analysis);
  }
  for (const placed of listSteps(definition)) {
    analysis.check.isConditional = isConditional(placed);
    analyseStep(placed, analysis);
  }
  analysis.check.isConditional = false;
  for (const [path, text] of listTopTemplates(definition)) {
    read(analysis, path, undefined, (references) =>
      checkText(text, path, analysis.names.top, references, analysis.check),
    );
  }
  analyseTriggers(definition, analysis);
  const { check, parameters, steps, given, readsAnyParameter } = analysis;
  return { findings: check.findings, parameters, steps, given, readsAnyParameter };
}

interface Analysis {
  readonly takesSecret: (work: Work) => (name: string) => boolean;
  readonly names: ScopeNames;
  readonly check: TemplateCheck;
  readonly parameters: Set<string>;
  readonly steps: Map<Step, Map<string, StepReference>>;
  readonly given: Map<Work, Map<string, CelType>>;
  readsAnyParameter: boolean;
}

/** Does one check, and notes what it finds to be read. */
function read<T>(
  analysis: Analysis,
  path: Path,
  placed: PlacedStep | undefined,
  run: (references: References) => T,
): T {
  const references: References = {
    parameters: analysis.parameters,
    steps: new Map(),
    readsAnyParameter: false,
  };
  const result = run(references);
  analysis.readsAnyParameter ||= references.readsAnyParameter;
  if (placed !== undefined) {
    for (const [name, within] of references.steps) addRead(analysis.steps, placed, name, { path, within });
  }
  return result;
}

function isConditional({ step, scope }: PlacedStep): boolean {
  return step.when !== undefined || (scope.owner !== undefined && isConditional(scope.owner));
}

function analyseStep(placed: PlacedStep, analysis: Analysis): void {
  const { step, path } = placed;
  const { names, check } = analysis;
  const around = names.around(placed);
  const { when, foreach, work } = step;
  const readAt = <T>(place: Path, run: (references: References) => T): T =>
    read(analysis, place, placed, run);
  if (when !== undefined) {
    const at = [...path, 'when'];
    readAt(at, (references) => {
      checkCondition(when, at, around, references, check);
    });
  }
  let inside: RecordType;
  if (foreach === undefined) inside = names.inside(placed);
  else {
    const at = [...path, 'foreach'];
    const item = readAt(at, (references) => checkList(foreach.items, at, around, references, check));
    inside = names.inside(placed, item);
  }
  analyseTexts(step, path, inside, placed, analysis);
  if (work.kind === 'wait' && typeof work.seconds === 'string') {
    const { seconds } = work;
    const at = [...path, 'wait', 'seconds'];
    readAt(at, (references) => {
      checkSeconds(seconds, at, inside, references, check);
    });
  }
  if (work.kind === 'await_event' && work.match !== undefined) {
    const { match } = work;
    const at = [...path, 'await_event', 'match'];
    readAt(at, (references) => {
      checkCondition(match, at, inside, references, check);
    });
  }
}

/** The texts of a step, or of a reusable one, that may hold any expression. */
function analyseTexts(
  { env, work }: { readonly env: Readonly<Record<string, string>>; readonly work: Work },
  path: Path,
  names: RecordType,
  placed: PlacedStep | undefined,
  analysis: Analysis,
): void {
  const check = (at: Path, text: string, mayHoldSecret = false): CelType =>
    read(analysis, at, placed, (references) =>
      checkText(text, at, names, references, analysis.check, mayHoldSecret),
    );
  for (const [name, text] of Object.entries(env)) check([...path, 'env', name], text, true);
  if (work.kind === 'wait' && work.until !== undefined) check([...path, 'wait', 'until'], work.until);
  if (work.kind !== 'script' && work.kind !== 'action') return;
  const given = new Map<string, CelType>();
  for (const [name, value] of Object.entries(work.with)) {
    const at = [...path, 'with', name];
    if (typeof value === 'string')
      given.set(name, check(at, value, holdsTemplate(value) && analysis.takesSecret(work)(name)));
    else
      for (const [inner, text] of listTexts(value, at))
        check(inner, text, holdsTemplate(text) && analysis.takesSecret(work)(name));
  }
  analysis.given.set(work, given);
}

function holdsTemplate(text: string): boolean {
  return text.includes('${{');
}

function analyseTriggers({ on }: WorkflowDefinition, analysis: Analysis): void {
  if (on === undefined) return;
  const { names, check } = analysis;
  for (const [key, list] of [['webhook', on.webhooks] as const, ['event', on.events] as const]) {
    for (const [index, { match, with: given }] of list.entries()) {
      const path = ['on', key, index];
      if (match !== undefined) {
        const at = [...path, 'match'];
        read(analysis, at, undefined, (references) => {
          checkCondition(match, at, names.trigger, references, check);
        });
      }
      for (const [at, text] of listTexts(given, [...path, 'with'])) {
        read(analysis, at, undefined, (references) => checkText(text, at, names.trigger, references, check));
      }
    }
  }
}

function* listTopTemplates(definition: WorkflowDefinition): Generator<readonly [Path, string]> {
  for (const [name, text] of Object.entries(definition.outputs)) yield [['outputs', name], text];
  for (const [name, { path }] of Object.entries(definition.artifacts)) {
    yield [['artifacts', name, 'path'], path];
  }
}

/** The texts in a value, at any depth. */
export function* listTexts(value: JsonValue, path: Path): Generator<readonly [Path, string]> {
  if (typeof value === 'string') yield [path, value];
  else if (Array.isArray(value)) {
    for (const [at, item] of (value as readonly JsonValue[]).entries()) yield* listTexts(item, [...path, at]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* listTexts(item, [...path, key]);
  }
}

/** Notes what a step reads for the one beside the other: what a step in a block reads, the block waits for. */
function addRead(
  reads: Map<Step, Map<string, StepReference>>,
  placed: PlacedStep,
  name: string,
  reference: StepReference,
): void {
  for (let at: PlacedStep | undefined = placed; at !== undefined; at = at.scope.owner) {
    if (!Object.hasOwn(at.scope.steps, name)) continue;
    // What runs after a failure waits for nothing: every step has ended.
    if (at.scope.isCatch && at.scope.owner === undefined) return;
    const known = reads.get(at.step) ?? new Map<string, StepReference>();
    if (!known.has(name)) known.set(name, reference);
    reads.set(at.step, known);
    return;
  }
}
