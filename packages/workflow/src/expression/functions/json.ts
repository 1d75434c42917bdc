import { WorkflowError } from '../../errors.js';
import type { JsonValue } from '../../model.js';
import { chargeMemory, chargeReading, chargeText } from '../budget.js';
import { fromJson, toJson } from '../json.js';
import { DYN, STRING } from '../types.js';
import { textAt, type FunctionTable } from './overload.js';

/** JSON as text and back: what programs print, and what they read. CEL has no such functions. */
export const JSON_FUNCTIONS: FunctionTable = [
  [
    'json.decode',
    [
      {
        args: ['string'],
        result: DYN,
        apply: (values, budget) => {
          const text = textAt(values, 0);
          chargeReading(budget, 4 * text.length);
          chargeMemory(budget, 8 * text.length);
          try {
            return fromJson(JSON.parse(text) as JsonValue);
          } catch (cause) {
            throw new WorkflowError('expression.value', 'the text is not JSON', { cause });
          }
        },
      },
    ],
  ],
  [
    'json.encode',
    [
      {
        args: ['any'],
        result: STRING,
        apply: ([value = null], budget) => {
          const text = JSON.stringify(toJson(value, budget));
          chargeText(budget, text.length);
          return text;
        },
      },
    ],
  ],
];
