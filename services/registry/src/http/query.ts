import { printable } from '@sheaf/workflow';
import type { Static, TObject, TSchema } from '@sinclair/typebox';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { RegistryError, type ProblemDetailItem } from '../domain/error.js';
import type { RequestContext } from './context.js';
import { describeFaults } from './field-faults.js';

const ajv = new Ajv2020({ allErrors: true, strict: false, useDefaults: true, verbose: true });
/** Longest value of a parameter whose schema does not say, in characters. */
const MAX_VALUE_LENGTH = 1024;

/**
 * A reader of query strings of one schema, whose properties are strings, integers, booleans, unions of literals, or
 * arrays of those (the parameter is then repeated). Strict: a parameter that is unknown, that is given twice though it is
 * no array, or that is not valid is refused. Defaults of the schema are filled in.
 *
 * @throws RegistryError `request.invalid` with every parameter that is wrong
 */
export function queryOf<Schema extends TObject>(
  schema: Schema,
): (ctx: Pick<RequestContext, 'querystring'>) => Static<Schema> {
  // Compiled when it is first needed: every schema at the start would be megabytes that an idle process does not use.
  let compiled: ValidateFunction<Static<Schema>> | undefined;
  const fields = new Map<string, TSchema>(Object.entries(schema.properties));
  return (ctx) => {
    const validate = (compiled ??= ajv.compile<Static<Schema>>(schema));
    const query = new URLSearchParams(ctx.querystring);
    const { value, errors } = collect(query, fields);
    if (errors.length === 0 && validate(value)) return value;
    const faults = describeFaults(validate.errors ?? []);
    const items = errors.length > 0 ? errors : faults.map(({ path, what }) => item(path[0] ?? '', what));
    throw new RegistryError('request.invalid', items[0]?.detail ?? 'the query is not valid', {
      errors: items.slice(0, 20),
    });
  };
}

function collect(query: URLSearchParams, fields: ReadonlyMap<string, TSchema>) {
  const errors: ProblemDetailItem[] = [];
  const entries: [string, unknown][] = [];
  for (const name of new Set(query.keys())) {
    const schema = fields.get(name);
    const texts = query.getAll(name);
    if (!schema) {
      const known = [...fields.keys()].join(', ') || 'none';
      errors.push(item(printable(name, 40), `is not a parameter here; known are ${known}`));
    } else if (texts.some((text) => text.includes('\0') || text.length > MAX_VALUE_LENGTH)) {
      errors.push(item(name, 'holds a NUL character or is too long'));
    } else if (schema['type'] === 'array') {
      entries.push([name, texts.map((text) => coerce(text, schema['items'] as TSchema))]);
    } else if (texts.length > 1) errors.push(item(name, 'is given more than once'));
    else entries.push([name, coerce(texts[0] ?? '', schema)]);
  }
  return { value: Object.fromEntries(entries), errors };
}

/** Only one spelling of a number or a boolean is taken for one; everything else stays text, which the schema refuses. */
function coerce(text: string, schema: TSchema): unknown {
  if (schema['type'] === 'integer' && /^(?:0|-?[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (schema['type'] === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function item(name: string, what: string): ProblemDetailItem {
  return { pointer: `?${name}`, code: 'parameter.invalid', detail: `${name} ${what}` };
}
