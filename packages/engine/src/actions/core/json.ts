import { evaluateTemplate, WorkflowError, type JsonValue } from '@sheaf/workflow';
import { allowedPath } from '../access.js';
import { ActionError } from '../action-error.js';
import type { ActionContext, ActionImplementation } from '../action.js';
import { readTextFile, writeFileAtomically } from '../files.js';
import { isMap, listOf, numberOf, textOf, type Inputs } from '../inputs.js';
import { parseJson } from '../json-value.js';

/** `core.json`. */
export const run: ActionImplementation = async (inputs, context) => {
  let value = await readValue(inputs, context);
  for (const patch of listOf(inputs, 'merge')) value = mergePatch(value, patch);
  const select = textOf(inputs, 'select');
  if (select !== undefined) value = selectFrom(value, select);
  const text = JSON.stringify(value, undefined, numberOf(inputs, 'indent') ?? 0);
  const output = textOf(inputs, 'output');
  if (output !== undefined) {
    const path = await allowedPath(context, output, 'write');
    await writeFileAtomically(path, {}, (file) => file.writeFile(`${text}\n`));
  }
  return { value, text };
};

async function readValue(inputs: Inputs, context: ActionContext): Promise<JsonValue> {
  const text = textOf(inputs, 'text');
  const file = textOf(inputs, 'file');
  const given = [text, file, inputs['value']].filter((each) => each !== undefined);
  if (given.length > 1) {
    throw new ActionError('action.input', 'core.json takes one of text, file and value', {
      hint: 'merge takes further values',
    });
  }
  if (file !== undefined)
    return parseJson(await readTextFile(await allowedPath(context, file, 'read')), file);
  if (text !== undefined) return parseJson(text, 'text');
  return inputs['value'] ?? {};
}

/** RFC 7396. */
export function mergePatch(target: JsonValue, patch: JsonValue): JsonValue {
  if (!isMap(patch)) return patch;
  const merged = Object.assign(Object.create(null), isMap(target) ? target : {}) as Record<string, JsonValue>;
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = mergePatch(merged[key] ?? null, value);
  }
  return merged;
}

function selectFrom(value: JsonValue, expression: string): JsonValue {
  try {
    return evaluateTemplate(`\${{ ${expression} }}`, { value });
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    throw new ActionError('action.json', `select: ${error.message}`, {
      cause: error,
      hint: error.hint ?? 'it is an expression over value, like value.items.filter(i, i.open)',
    });
  }
}
