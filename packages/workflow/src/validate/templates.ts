import { WorkflowError } from '../errors.js';
import { checkExpression, nameOf, type References } from '../expression/check.js';
import { namesOfDefinition } from '../expression/names.js';
import { findSoleExpression, parseTemplate, type Segment } from '../expression/segments.js';
import type { RecordType } from '../expression/types.js';
import type { WorkflowDefinition } from '../model.js';
import { MAX_PATTERN_INSTRUCTIONS } from '../pattern/pattern.js';
import { MAX_FINDINGS, type Finding, type Path, type SourceRange } from '../source/tree.js';
import { definitionOf } from './related.js';

/** What the templates of a definition refer to, and what is wrong with them. */
export interface TemplateAnalysis {
  readonly findings: readonly Finding[];
  readonly parameters: ReadonlySet<string>;
  readonly readsAnyParameter: boolean;
  /** By step id: the steps its templates read, also unknown ones, and where each is read first. */
  readonly steps: ReadonlyMap<string, ReadonlyMap<string, StepReference>>;
}

/** A place that reads the outputs of a step. */
export interface StepReference {
  readonly path: Path;
  readonly within: SourceRange;
}

interface Analysis {
  readonly names: RecordType;
  readonly patterns: { remaining: number };
  readonly findings: Finding[];
}

/** Checks every template of a definition and collects its references. */
export function analyseTemplates(definition: WorkflowDefinition): TemplateAnalysis {
  const patterns = { remaining: MAX_PATTERN_INSTRUCTIONS };
  const analysis: Analysis = { names: namesOfDefinition(definition), patterns, findings: [] };
  const parameters = new Set<string>();
  const steps = new Map<string, ReadonlyMap<string, StepReference>>();
  const all: References = { parameters, steps: new Map(), readsAnyParameter: false };
  for (const [id, step] of Object.entries(definition.steps)) {
    const reads = new Map<string, StepReference>();
    const templates: readonly (readonly [Path, string])[] = [
      ...(step.when === undefined ? [] : [[['steps', id, 'when'], step.when] as const]),
      ...Object.entries(step.env).map(([name, text]) => [['steps', id, 'env', name], text] as const),
    ];
    for (const [path, template] of templates) {
      const references: References = { parameters, steps: new Map(), readsAnyParameter: false };
      if (path.at(-1) === 'when' && path.length === 3) analyseCondition(template, path, analysis, references);
      else analyseTemplate(template, path, analysis, references);
      all.readsAnyParameter ||= references.readsAnyParameter;
      for (const [other, within] of references.steps) {
        if (!reads.has(other)) reads.set(other, { path, within });
      }
    }
    steps.set(id, reads);
  }
  for (const [name, template] of Object.entries(definition.outputs)) {
    analyseTemplate(template, ['outputs', name], analysis, all);
  }
  return { findings: analysis.findings, parameters, steps, readsAnyParameter: all.readsAnyParameter };
}

function analyseTemplate(
  template: string,
  path: Path,
  analysis: Analysis,
  references: References,
): readonly Segment[] | undefined {
  if (!template.includes('${{')) return template === '' ? [] : [{ kind: 'text', text: template }];
  let segments: readonly Segment[];
  try {
    segments = parseTemplate(template);
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    analysis.findings.push({
      code: error.code === 'expression.too_long' ? 'expression.too_long' : 'expression.syntax',
      message: error.message,
      path,
      within: error.range ?? { start: 0, end: template.length },
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
    return undefined;
  }
  for (const segment of segments) {
    if (segment.kind === 'text' || analysis.findings.length >= MAX_FINDINGS) continue;
    const { problems } = checkExpression(segment.expression, analysis.names, references, analysis.patterns);
    for (const { range, near, ...problem } of problems) {
      const related = near === undefined ? {} : { related: [definitionOf(near)] };
      analysis.findings.push({ ...problem, path, within: range, ...related });
    }
  }
  return segments;
}

function analyseCondition(template: string, path: Path, analysis: Analysis, references: References): void {
  const before = analysis.findings.length;
  const segments = analyseTemplate(template, path, analysis, references);
  if (segments === undefined || analysis.findings.length > before) return;
  const sole = findSoleExpression(segments);
  if (sole === undefined) {
    analysis.findings.push({
      code: 'expression.syntax',
      message: 'when must be one expression in ${{ }} and nothing else',
      label: template.includes('${{') ? 'more than one expression' : 'no expression',
      hint: template.includes('${{') ? 'put it all into one ${{ … }}' : 'write it as ${{ … }}',
      path,
    });
    return;
  }
  const scratch: References = { parameters: new Set(), steps: new Map(), readsAnyParameter: false };
  const { type } = checkExpression(sole, analysis.names, scratch, { ...analysis.patterns });
  if (type.kind !== 'bool' && type.kind !== 'dyn') {
    analysis.findings.push({
      code: 'expression.type',
      message: `when must be true or false, not ${nameOf(type)}`,
      label: `this is ${nameOf(type)}`,
      hint: type.kind === 'string' ? "compare it, as in … != ''" : 'compare it, as in … > 0',
      path,
      within: { start: sole.start, end: sole.end },
    });
  }
}
