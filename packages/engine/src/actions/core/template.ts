import { resolve } from 'node:path';
import { evaluateTemplate, quote, WorkflowError } from '@sheaf/workflow';
import { allowedPath } from '../access.js';
import { ActionError } from '../action-error.js';
import type { ActionContext, ActionImplementation } from '../action.js';
import { readTextFile, writeFileAtomically } from '../files.js';
import { textOf, type Inputs } from '../inputs.js';

const OWN = new Set(['template', 'text', 'output']);

/** `core.template`: the expressions of a file are those of the definition, over the other inputs. */
export const run: ActionImplementation = async (inputs, context) => {
  const file = textOf(inputs, 'template');
  const given = textOf(inputs, 'text');
  if ((file === undefined) === (given === undefined)) {
    throw new ActionError('action.input', 'core.template takes either a template or a text', {
      hint: 'name a file of the bundle: template = "notes.tmpl"',
    });
  }
  const text = file === undefined ? (given ?? '') : fillIn(await readTemplate(file, context), inputs, file);
  const output = textOf(inputs, 'output');
  if (output !== undefined) {
    await writeFileAtomically(await allowedPath(context, output, 'write'), {}, (target) =>
      target.writeFile(text),
    );
  }
  return { text };
};

async function readTemplate(file: string, context: ActionContext): Promise<string> {
  if (context.bundleDir !== undefined) {
    const inBundle = await allowedPath(context, resolve(context.bundleDir, file), 'read').catch(
      () => undefined,
    );
    const text = inBundle === undefined ? undefined : await readTextFile(inBundle).catch(unlessMissing);
    if (text !== undefined) return text;
  }
  return readTextFile(await allowedPath(context, file, 'read'));
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof ActionError && error.code === 'file.missing') return undefined;
  throw error;
}

function fillIn(template: string, inputs: Inputs, file: string): string {
  const names = Object.fromEntries(Object.entries(inputs).filter(([name]) => !OWN.has(name)));
  try {
    const value = evaluateTemplate(template, names);
    // A file that is nothing but one expression has its value; what is no text is written as JSON.
    return typeof value === 'string' ? value : JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    const before = template.slice(0, error.range?.start ?? 0).split('\n');
    const place = `${file}:${before.length}:${(before.at(-1) ?? '').length + 1}`;
    throw new ActionError('action.template', `${quote(place, 200)}: ${error.message}`, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}
