import { WorkflowError } from '../errors.js';
import { checkExpression, nameOf, type References } from '../expression/check.js';
import { namesOfDefinition } from '../expression/names.js';
import { findSoleExpression, parseTemplate, type Segment } from '../expression/segments.js';
import type { RecordType } from '../expression/types.js';
import type { WorkflowDefinition } from '../model.js';
import { MAX_PATTERN_INSTRUCTIONS } from '../pattern/pattern.js';
import { MAX_FINDINGS, type Finding, type Path } from '../source/tree.js';

/** What the templates of a definition refer to, and what is wrong with them. */
export interface TemplateAnalysis {
  readonly findings: readonly Finding[];
  readonly parameters: ReadonlySet<string>;
  readonly readsAnyParameter: boolean;
  /** By step id: the steps its templates read, also unknown ones. */
  readonly steps: ReadonlyMap<string, ReadonlySet<string>>;
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
  const steps = new Map<string, ReadonlySet<string>>();
  const all: References = { parameters, steps: new Set(), readsAnyParameter: false };
  for (const [id, step] of Object.entries(definition.steps)) {
    const references: References = { parameters, steps: new Set(), readsAnyParameter: false };
    if (step.when !== undefined) analyseCondition(step.when, ['steps', id, 'when'], analysis, references);
    for (const [name, template] of Object.entries(step.env)) {
      analyseTemplate(template, ['steps', id, 'env', name], analysis, references);
    }
    all.readsAnyParameter ||= references.readsAnyParameter;
    steps.set(id, references.steps);
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
    for (const { range, ...problem } of problems) analysis.findings.push({ ...problem, path, within: range });
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
      hint: template.includes('${{') ? 'put it all into one ${{ … }}' : 'write it as ${{ … }}',
      path,
    });
    return;
  }
  const scratch: References = { parameters: new Set(), steps: new Set(), readsAnyParameter: false };
  const { type } = checkExpression(sole, analysis.names, scratch, { ...analysis.patterns });
  if (type.kind !== 'bool' && type.kind !== 'dyn') {
    analysis.findings.push({
      code: 'expression.type',
      message: `when must be true or false, not ${nameOf(type)}`,
      hint: type.kind === 'string' ? "compare it, as in … != ''" : 'compare it, as in … > 0',
      path,
      within: { start: sole.start, end: sole.end },
    });
  }
}
