import type { Parameter } from './model.js';
import { optional, readNumber, readText, readTexts, type Table } from './tables.js';

/** The model of a parameter, or of an input of an action. */
export function buildParameter(data: Table): Parameter {
  const base = {
    ...optional('description', readText(data['description'])),
    required: data['required'] === undefined ? data['default'] === undefined : data['required'] === true,
  };
  const fallback = data['default'];
  const type = readText(data['type']);
  switch (type) {
    case 'integer':
    case 'number':
      return {
        ...base,
        type,
        ...optional('default', readNumber(fallback)),
        ...optional('minimum', readNumber(data['minimum'])),
        ...optional('maximum', readNumber(data['maximum'])),
      };
    case 'boolean':
      return { ...base, type, ...optional('default', typeof fallback === 'boolean' ? fallback : undefined) };
    case 'enum':
      return { ...base, type, values: readTexts(data['values']), ...optional('default', readText(fallback)) };
    case 'path': {
      const access = data['access'] === 'write' ? 'write' : 'read';
      return { ...base, type, access, ...optional('default', readText(fallback)) };
    }
    case 'string':
      return {
        ...base,
        type,
        ...optional('default', readText(fallback)),
        ...optional('pattern', readText(data['pattern'])),
      };
    case 'secret':
      return { ...base, type, ...optional('default', readText(fallback)) };
    default:
      return { ...base, type: 'json', ...optional('default', fallback) };
  }
}
