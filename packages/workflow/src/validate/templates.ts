import { BUILT_IN_ACTIONS } from '../actions/catalogue.js';
import type { Catalogue } from '../actions/manifest.js';
import type { References } from '../expression/check/context.js';
import type { JsonValue, Step, Templates, Work, WorkflowDefinition } from '../model.js';
import { MAX_PATTERN_INSTRUCTIONS } from '../pattern/pattern.js';
import type { Finding, Path, SourceRange } from '../source/tree.js';
import { listSteps, type PlacedStep } from '../walk.js';
import { createScopeNames, type ScopeNames } from './scope-names.js';
import { checkCondition, checkList, checkSeconds, checkText, type TemplateCheck } from './template-checks.js';

/** What the templates of a definition refer to, and what is wrong with them. */
export interface TemplateAnalysis {
  readonly findings: readonly Finding[];
  readonly parameters: ReadonlySet<string>;
  readonly readsAnyParameter: boolean;
  /** By step: the steps beside it that its templates, and those of the steps in it, read; and where each is read first. */
  readonly steps: ReadonlyMap<Step, ReadonlyMap<string, StepReference>>;
}

/** A place that reads the outputs of a step. */
export interface StepReference {
  readonly path: Path;
  readonly within: SourceRange;
}

/** What is known of the names that a definition uses and that are not its own. */
export interface Surroundings {
  readonly catalogue?: Catalogue;
  readonly outputsOf?: (id: string) => readonly string[] | undefined;
}

/** Checks every template of a definition and collects its references. */
export function analyseTemplates(
  definition: WorkflowDefinition,
  around: Surroundings = {},
): TemplateAnalysis {
  const { catalogue = BUILT_IN_ACTIONS, outputsOf = () => undefined } = around;
  const names = createScopeNames({ definition, catalogue, outputsOf });
  const check: TemplateCheck = { patterns: { remaining: MAX_PATTERN_INSTRUCTIONS }, findings: [] };
  const parameters = new Set<string>();
  const reads = new Map<Step, Map<string, StepReference>>();
  let readsAnyParameter = false;
  const note = (references: References, path: Path, placed?: PlacedStep): void => {
    readsAnyParameter ||= references.readsAnyParameter;
    if (placed === undefined) return;
    for (const [name, within] of references.steps) addRead(reads, placed, name, { path, within });
  };
  const read = (path: Path, placed: PlacedStep | undefined, run: (references: References) => void): void => {
    const references: References = { parameters, steps: new Map(), readsAnyParameter: false };
    run(references);
    note(references, path, placed);
  };
  for (const [name, template] of Object.entries(definition.actions)) {
    const known = names.ofAction(name);
    for (const [path, text] of listTemplates(template, ['actions', name])) {
      read(path, undefined, (references) => {
        checkText(text, path, known, references, check);
      });
    }
  }
  for (const placed of listSteps(definition)) {
    reads.set(placed.step, reads.get(placed.step) ?? new Map<string, StepReference>());
    analyseStep(placed, names, check, read);
  }
  for (const [path, text] of listTopTemplates(definition)) {
    read(path, undefined, (references) => {
      checkText(text, path, names.top, references, check);
    });
  }
  analyseTriggers(definition, names, check, read);
  return { findings: check.findings, parameters, steps: reads, readsAnyParameter };
}

type Read = (path: Path, placed: PlacedStep | undefined, run: (references: References) => void) => void;

function analyseStep(placed: PlacedStep, names: ScopeNames, check: TemplateCheck, read: Read): void {
  const { step, path } = placed;
  const around = names.around(placed);
  const { when, foreach, work } = step;
  if (when !== undefined) {
    const at = [...path, 'when'];
    read(at, placed, (references) => {
      checkCondition(when, at, around, references, check);
    });
  }
  let inside = around;
  if (foreach === undefined) inside = names.inside(placed);
  else {
    const at = [...path, 'foreach'];
    read(at, placed, (references) => {
      inside = names.inside(placed, checkList(foreach.items, at, around, references, check));
    });
  }
  for (const [at, text] of listTemplates(step, path)) {
    read(at, placed, (references) => {
      checkText(text, at, inside, references, check);
    });
  }
  if (work.kind === 'wait' && typeof work.seconds === 'string') {
    const { seconds } = work;
    const at = [...path, 'wait', 'seconds'];
    read(at, placed, (references) => {
      checkSeconds(seconds, at, inside, references, check);
    });
  }
  if (work.kind === 'await_event' && work.match !== undefined) {
    const { match } = work;
    const at = [...path, 'await_event', 'match'];
    read(at, placed, (references) => {
      checkCondition(match, at, inside, references, check);
    });
  }
}

function analyseTriggers(
  { on }: WorkflowDefinition,
  names: ScopeNames,
  check: TemplateCheck,
  read: Read,
): void {
  if (on === undefined) return;
  for (const [key, list] of [['webhook', on.webhooks] as const, ['event', on.events] as const]) {
    for (const [index, { match, with: given }] of list.entries()) {
      const path = ['on', key, index];
      if (match !== undefined) {
        const at = [...path, 'match'];
        read(at, undefined, (references) => {
          checkCondition(match, at, names.trigger, references, check);
        });
      }
      for (const [at, text] of listTexts(given, [...path, 'with'])) {
        read(at, undefined, (references) => {
          checkText(text, at, names.trigger, references, check);
        });
      }
    }
  }
}

/** Texts of a step, or of a reusable one, that may hold any expression. */
function* listTemplates(
  { env, work }: { readonly env: Readonly<Record<string, string>>; readonly work: Work },
  path: Path,
): Generator<readonly [Path, string]> {
  for (const [name, text] of Object.entries(env)) yield [[...path, 'env', name], text];
  if (work.kind === 'script' || work.kind === 'action') yield* listTexts(work.with, [...path, 'with']);
  if (work.kind === 'wait' && work.until !== undefined) yield [[...path, 'wait', 'until'], work.until];
}

function* listTopTemplates(definition: WorkflowDefinition): Generator<readonly [Path, string]> {
  for (const [name, text] of Object.entries(definition.outputs)) yield [['outputs', name], text];
  for (const [name, { path }] of Object.entries(definition.artifacts)) {
    yield [['artifacts', name, 'path'], path];
  }
}

/** The texts in a value, at any depth. */
export function* listTexts(value: JsonValue | Templates, path: Path): Generator<readonly [Path, string]> {
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
