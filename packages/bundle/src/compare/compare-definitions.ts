import type { JsonValue, Parameter, Step, WorkflowDefinition } from '@sheaf/workflow';
import type { ComparedWorkflow, EntryChange, FieldChange, WorkflowChanges } from './compared.js';
import { compareEntries, compareText } from './compare-entries.js';
import { compareFiles } from './compare-files.js';
import { comparePermissions } from './compare-permissions.js';

/**
 * Says what one version of a workflow has that another has not. Pure; the same twice is {@link isUnchanged}, and with the
 * sides exchanged the answer is the mirror image, but for what is breaking.
 *
 * @param before undefined for a first version: all of it is new
 */
export function compareDefinitions(
  before: ComparedWorkflow | undefined,
  after: ComparedWorkflow,
): WorkflowChanges {
  const was = before?.definition;
  const is = after.definition;
  const files = compareFiles(before === undefined ? [] : before.files, after.files);
  return {
    ...compareSigners(before, after),
    permissions: comparePermissions(before, after),
    parameters: compareEntries(was?.parameters ?? {}, is.parameters, {
      fieldsOf: (parameter) => ({ ...parameter }),
      isBreaking: breaksParameter,
    }),
    outputs: compareEntries(was?.outputs ?? {}, is.outputs, {
      fieldsOf: (value) => ({ value }),
      isBreaking: (_, now) => now === undefined,
    }),
    steps: compareEntries(was?.steps ?? {}, is.steps, { fieldsOf: fieldsOfStep }),
    requirements: compareEntries(toolsOf(was), toolsOf(is), {
      fieldsOf: (minimum) => ({ minimum: minimum === '' ? undefined : minimum }),
    }),
    dependencies: compareEntries(was?.dependencies ?? {}, is.dependencies, {
      fieldsOf: (range) => ({ range }),
    }),
    files: files.changes,
    filesKept: files.kept,
  };
}

/** Whether nothing at all differs. */
export function isUnchanged(changes: WorkflowChanges): boolean {
  const { signers, permissions, parameters, outputs, steps, requirements, dependencies, files } = changes;
  const lists = [parameters, outputs, steps, requirements, dependencies, files];
  return signers === undefined && !asksForOthers(permissions) && lists.every((list) => list.length === 0);
}

function asksForOthers({ added, removed }: WorkflowChanges['permissions']): boolean {
  return added.length + removed.length > 0;
}

function compareSigners(
  before: ComparedWorkflow | undefined,
  after: ComparedWorkflow,
): Pick<WorkflowChanges, 'signers'> {
  if (before?.signers === undefined || after.signers === undefined) return {};
  const sorted = (ids: readonly string[]) => [...new Set(ids)].sort(compareText);
  const [was, is] = [sorted(before.signers), sorted(after.signers)];
  return was.join() === is.join() ? {} : { signers: { before: was, after: is } };
}

function toolsOf(definition: WorkflowDefinition | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (definition?.requirements.tools ?? []).map(({ name, minimum = '' }) => [name, minimum]),
  );
}

/** What a step does is compared part by part; the steps in it are one part. */
function fieldsOfStep({ work: { kind, ...work }, ...step }: Step) {
  const fields = { ...(kind === 'shell' ? {} : { kind }), ...work, ...step, id: undefined };
  return fields as unknown as Readonly<Record<string, JsonValue | undefined>>;
}

/** Whether who gave the parameter as before, or did not, may be refused now. */
function breaksParameter(
  was: Parameter | undefined,
  is: Parameter | undefined,
  fields: readonly FieldChange[],
): boolean {
  if (is === undefined) return true;
  if (was === undefined) return is.required;
  const changed = new Set(fields.map(({ field }) => field));
  if (changed.has('type') || changed.has('access') || (changed.has('required') && is.required)) return true;
  if (was.type === 'enum' && is.type === 'enum')
    return was.values.some((value) => !is.values.includes(value));
  if (fields.some((change) => change.field === 'pattern' && 'after' in change)) return true;
  return (changed.has('minimum') || changed.has('maximum')) && narrows(was, is);
}

function narrows(was: Parameter, is: Parameter): boolean {
  const bounds = (parameter: Parameter) => ({
    least: 'minimum' in parameter ? (parameter.minimum ?? -Infinity) : -Infinity,
    most: 'maximum' in parameter ? (parameter.maximum ?? Infinity) : Infinity,
  });
  const [old, now] = [bounds(was), bounds(is)];
  return now.least > old.least || now.most < old.most;
}

/** The entries of a list that may break whoever uses the workflow as before. */
export function listBreaking(changes: WorkflowChanges): readonly EntryChange[] {
  return [...changes.parameters, ...changes.outputs].filter(({ breaking }) => breaking);
}
