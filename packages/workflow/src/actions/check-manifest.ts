import { printable } from '../text.js';
import { isReservedAction } from './catalogue.js';
import { checkInput } from './check-inputs.js';
import type { ActionManifest } from './manifest.js';

const NAME = /^[a-z][a-z0-9_-]{0,63}(?:\.[a-z][a-z0-9_-]{0,63}){0,3}$/;
const VERSION = /^\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,64})?$/;
const FIELD = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** Says what is wrong with the manifest of an action that is not built in. */
export function findManifestProblems(manifest: ActionManifest): readonly string[] {
  const problems: string[] = [];
  const { name, version, description, inputs, outputs, permissions } = manifest;
  if (!NAME.test(name))
    problems.push(`the name "${printable(name)}" is not one: lower-case words with dots between them`);
  else if (isReservedAction(name)) problems.push(`the name ${name} is reserved for what is built in`);
  if (!VERSION.test(version)) problems.push(`the version "${printable(version)}" is not SemVer`);
  if (description === '' || description.length > 500)
    problems.push('the description must have 1 to 500 characters');
  for (const [input, declared] of Object.entries(inputs)) {
    if (!FIELD.test(input)) problems.push(`the input "${printable(input)}" has no good name`);
    const problem = declared.default === undefined ? undefined : checkInput(declared, declared.default);
    if (problem !== undefined) problems.push(`the default of ${printable(input)} ${problem.message}`);
    if (declared.required && declared.default !== undefined) {
      problems.push(`the input ${printable(input)} is required and has a default`);
    }
  }
  for (const output of Object.keys(outputs)) {
    if (!FIELD.test(output)) problems.push(`the output "${printable(output)}" has no good name`);
  }
  const { network = [], programs = [], read = [], write = [] } = permissions;
  for (const input of new Set([...network, ...programs, ...read, ...write])) {
    if (!Object.hasOwn(inputs, input))
      problems.push(`its permissions name an input "${printable(input)}" that there is not`);
  }
  return problems;
}
