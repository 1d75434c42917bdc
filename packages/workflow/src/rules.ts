import type { DiagnosticCode } from './diagnostics.js';
import { HINTS } from './hints.js';

/** What each code stands for, as one sentence without its full stop. */
const SUMMARIES: Readonly<Record<DiagnosticCode, string>> = {
  'syntax.toml': 'The file is not TOML 1.0',
  'syntax.yaml': 'The file is not YAML 1.2, or uses what definitions do without: anchors, tags, directives',
  'syntax.too_large': 'The definition is larger than is read',
  'syntax.too_deep': 'The definition is nested more than 32 levels deep',
  'key.duplicate': 'A key or a table is defined twice, so that one of the two would be lost',
  'key.missing': 'A key that has to be there is not',
  'key.unknown': 'There is no such key here; it would be ignored, and is most often mistyped',
  'feature.unsupported': 'The definition uses what this version of sheaf does not run yet',
  'value.type': 'A value is of another type than its key takes',
  'value.invalid': 'A value does not have the form that its key takes',
  'value.range': 'A value is too small, too large, or too long',
  'value.date': 'Dates and times of TOML are no values of a definition',
  'name.invalid': 'A name does not have the form of a name',
  'version.invalid': 'The version is not SemVer without build metadata',
  'license.invalid': 'The license is not an SPDX expression',
  'homepage.invalid': 'The homepage is not an https address',
  'timeout.invalid': 'A timeout is not a duration from 1ms to 7d',
  'glob.invalid': 'A glob is not one that bundles understand',
  'bundle.glob_unmatched': 'A glob of [bundle] matches no file',
  'bundle.too_complex': 'The globs of [bundle] would take too long on these files',
  'bundle.version_control':
    'A bundle may not hold files of version control, whose settings can name programs',
  'bundle.file_missing': 'A step names a file of the bundle that is not in it',
  'requirement.invalid': 'A required program is not a name with its least version',
  'dependency.range': 'The range of a dependency is not a SemVer range',
  'dependency.self': 'A workflow depends on itself',
  'text.character': 'A text holds a character that forges or hides what people read (CVE-2021-42574)',
  'env.invalid': 'The name of a variable is not one that shells take',
  'env.reserved': 'A step sets a variable that the engine sets itself',
  'parameter.conflict': 'Two parameters would be the same environment variable',
  'parameter.default': 'The default is a value that the parameter itself would refuse',
  'parameter.option': 'An option does not fit the type of its parameter, or contradicts another one',
  'parameter.pattern': 'A pattern is no regular expression of the RE2 family',
  'parameter.unused': 'Nothing reads the parameter',
  'permission.exec_missing': 'A step starts a program that the permissions do not ask for',
  'permission.network_missing': 'A step reaches a host that the permissions do not ask for',
  'step.bodies': 'A step does one thing: a second one would never be done',
  'step.cycle': 'Steps wait for each other, so that none of them could ever start',
  'step.need_duplicate': 'A step lists a need twice',
  'step.need_unknown': 'A step needs one that the workflow does not have',
  'step.unknown': 'An expression reads a step that the workflow does not have',
  'run.templated': 'A script holds an expression: a value that holds commands would be run (CWE-78)',
  'reference.unknown': 'An expression reads a parameter or a field that nothing declares',
  'reference.self': 'A step reads its own outputs, which are not there before it has run',
  'expression.syntax': 'An expression cannot be read',
  'expression.type': 'An expression combines values of types that do not go together',
  'expression.unknown': 'An expression uses a name or a function that there is not',
  'expression.pattern': 'An expression matches against a pattern that is not of the RE2 family',
  'expression.secret': 'An expression makes something of a secret, or hands it to where it would be seen',
  'expression.optional': 'An expression reads what is not there when a step is skipped',
  'expression.too_long': 'An expression is longer than is evaluated',
  'step.option': 'A key of a step says nothing about what the step does',
  'step.depth': 'Steps are nested more than 8 levels deep',
  'step.shadowed': 'Two steps that the same expression could mean have one name',
  'step.fails': 'An expression of a step fails in every run',
  'step.unreachable': 'A step never runs, whatever the run is given',
  'loop.name': 'The name of an item means something else already',
  'retry.invalid': 'A retry contradicts itself, or changes nothing',
  'wait.invalid': 'A wait has no end, two ends, or one that cannot be read',
  'action.unknown': 'A step uses what there is not',
  'action.ambiguous': 'A step uses a name that stands for two things',
  'action.nested': 'One of [actions] uses another one',
  'action.unused': 'No step uses the action',
  'action.deprecated': 'A step uses an action that will go away',
  'input.unknown': 'A step gives what the action does not take',
  'input.missing': 'A step does not give what the action needs',
  'input.type': 'A step gives a value that the action does not take',
  'input.unused': 'Nothing reads the input of the action',
  'dependency.unused': 'No step uses the workflow',
  'permission.read_missing': 'A step reads what the permissions do not ask for',
  'permission.write_missing': 'A step writes what the permissions do not ask for, or an artifact lies there',
  'permission.workflow': 'A workflow that is used asks for more than the one that uses it',
  'artifact.path': 'An artifact lies outside the workspace',
  'artifact.duplicate': 'Two artifacts are the same file',
  'trigger.cron': 'A schedule cannot be read',
  'trigger.duplicate': 'Two webhooks have the same path',
  'trigger.none': 'Nothing ever starts the workflow',
  'trigger.parameter': 'A run that starts by itself lacks a parameter',
  'expression.constant': 'A condition is the same in every run',
  'overlay.remove': 'An overlay takes away what is not there',
  'diagnostics.limit': 'There are more findings than are listed',
};

/** A code of a diagnostic, for those who look it up. */
export interface DiagnosticRule {
  readonly code: DiagnosticCode;
  /** One sentence without its full stop. */
  readonly summary: string;
  /** What to do about a finding of it, in general. */
  readonly hint: string;
}

/** Every code that {@link DiagnosticCode} lists, in the order of the documentation. */
export function listDiagnosticRules(): readonly DiagnosticRule[] {
  const codes = Object.keys(SUMMARIES) as readonly DiagnosticCode[];
  return codes.map((code) => ({ code, summary: SUMMARIES[code], hint: HINTS[code] }));
}
