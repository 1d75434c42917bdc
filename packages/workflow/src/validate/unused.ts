import { inputVariable, parameterVariable } from '../environment.js';
import { parseTemplate } from '../expression/segments.js';
import { WorkflowError } from '../errors.js';
import type { ActionTemplate, WorkflowDefinition } from '../model.js';
import type { Finding } from '../source/tree.js';
import { tick } from '../text.js';
import { listScripts } from '../walk.js';
import { listTexts, type TemplateAnalysis } from './templates.js';

/** What shows a script all of its variables, or hands them on to a program of the bundle. */
const HIDDEN = /SHEAF_BUNDLE|\$\{!|\b(?:env|environ|printenv|compgen|declare|export -p)\b/;

/**
 * Warns of parameters and inputs that nothing reads. Says nothing when a step starts a program of the bundle or lists its environment,
 * because parameters reach those without being named.
 */
export function checkUnused(definition: WorkflowDefinition, analysis: TemplateAnalysis): readonly Finding[] {
  return [
    ...unusedParameters(definition, analysis),
    ...Object.entries(definition.actions).flatMap(([name, template]) => unusedInputs(name, template)),
  ];
}

function unusedParameters(definition: WorkflowDefinition, analysis: TemplateAnalysis): readonly Finding[] {
  const runs = [...listScripts(definition)].map(({ run }) => run);
  if (analysis.readsAnyParameter || runs.some(isHidden)) return [];
  const named = new Set(runs.flatMap((run) => run.match(/PARAM_[A-Za-z0-9_]+/g) ?? []));
  return Object.entries(definition.parameters)
    .filter(
      ([name, { type }]) =>
        !analysis.parameters.has(name) && (type === 'secret' || !named.has(parameterVariable(name))),
    )
    .map(([name, { type }]) => ({
      severity: 'warning' as const,
      code: 'parameter.unused' as const,
      message: `parameter ${tick(name)} is never used`,
      hint:
        type === 'secret'
          ? `give it to a step: env = { TOKEN = "\${{ params.${name} }}" }`
          : `read it as $${parameterVariable(name)} in run, or as params in \${{ }}`,
      path: ['parameters', name],
      at: 'key' as const,
    }));
}

function isHidden(run: string): boolean {
  return HIDDEN.test(run.replaceAll(/\benviron(?:\.get\(|\[)\s*["']/g, ''));
}

function unusedInputs(action: string, { inputs, work, env }: ActionTemplate): readonly Finding[] {
  // A script that takes nothing else sees all of them.
  if (work.kind === 'script' && Object.keys(work.with).length === 0) return [];
  const run = work.kind === 'shell' ? work.run : '';
  if (isHidden(run)) return [];
  const named = new Set(run.match(/INPUT_[A-Za-z0-9_]+/g) ?? []);
  const given = work.kind === 'shell' ? env : { env, with: 'with' in work ? work.with : {} };
  const texts = [...listTexts(given, [])].map(([, text]) => text);
  const read = texts.filter(isReadable).join('\n');
  return Object.keys(inputs)
    .filter((name) => !named.has(inputVariable(name)) && !readsInput(read, name))
    .map((name) => ({
      severity: 'warning' as const,
      code: 'input.unused' as const,
      message: `input ${tick(name)} of ${tick(action)} is never used`,
      hint: `read it as $${inputVariable(name)} in run, or as inputs in \${{ }}`,
      path: ['actions', action, 'inputs', name],
      at: 'key' as const,
    }));
}

/** Names of inputs are letters, digits, `_` and `-`: nothing in them means anything in a pattern. */
function readsInput(text: string, name: string): boolean {
  return (
    new RegExp(`\\binputs\\s*\\.\\s*${name}(?![A-Za-z0-9_-])`).test(text) ||
    new RegExp(`\\binputs\\s*\\[\\s*["']${name}["']`).test(text) ||
    /\binputs\b(?!\s*[.[])/.test(text)
  );
}

function isReadable(text: string): boolean {
  if (!text.includes('${{')) return false;
  try {
    parseTemplate(text);
    return true;
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    return false;
  }
}
