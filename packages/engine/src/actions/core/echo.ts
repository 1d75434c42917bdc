import type { ActionImplementation } from '../action.js';
import { textOf } from '../inputs.js';

/** `core.echo`. */
export const run: ActionImplementation = (inputs, context) => {
  const text = textOf(inputs, 'text') ?? '';
  if (text !== '') context.log('stdout', `${text}\n`);
  return Promise.resolve({ ...inputs, text });
};
