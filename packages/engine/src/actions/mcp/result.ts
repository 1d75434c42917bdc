import { printable, quote, type JsonValue } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import type { ActionOutputs } from '../action.js';
import { isMap, listOf, mapOf, textOf, type Inputs } from '../inputs.js';
import { copyJson } from '../json-value.js';
import { findMisfit } from '../json-schema.js';

/** What a call gave, as outputs. Throws ActionError `mcp.tool` where the tool says that it failed, `mcp.answer`. */
export function readResult(tool: Inputs, given: unknown): ActionOutputs {
  const name = textOf(tool, 'name') ?? '';
  const result = copyJson(given);
  if (!isMap(result)) throw new ActionError('mcp.answer', `what ${quote(name)} gave back is no result`);
  const content = listOf(result, 'content').filter(isMap);
  const text = content
    .filter((part) => part['type'] === 'text')
    .map((part) => textOf(part, 'text') ?? '')
    .join('\n');
  const structured: JsonValue = result['structuredContent'] ?? null;
  const outputs = { text, structured, content };
  if (result['isError'] === true) {
    const said = printable(text.trim(), 300) || 'it does not say why';
    throw new ActionError('mcp.tool', `the tool ${quote(name)} failed: ${said}`, {
      outputs,
      retryable: true,
    });
  }
  const { outputSchema } = tool;
  if (outputSchema === undefined) return outputs;
  const problem = structured === null ? 'there is none' : findMisfit(mapOf(tool, 'outputSchema'), structured);
  if (problem === undefined) return outputs;
  throw new ActionError(
    'mcp.answer',
    `the value that ${quote(name)} gave does not fit its own schema: ${problem}`,
    {
      outputs,
    },
  );
}
