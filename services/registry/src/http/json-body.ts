import { printable } from '@sheaf/workflow';
import type { Static, TSchema } from '@sinclair/typebox';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { RequestContext } from './context.js';
import { RegistryError, type ProblemDetailItem } from '../domain/error.js';
import { describeFaults, type FieldFault } from './field-faults.js';
import { readBody } from './read-body.js';

const JSON_LIMIT_BYTES = 64 * 1024;
const ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true });
/** Of the name of a field, which the caller chose. */
const MAX_NAME_LENGTH = 40;

/**
 * A check of values against a schema. `whole` names the value in messages, such as `the body`.
 *
 * @throws RegistryError `request.invalid` with every field that is wrong
 */
export function checkOf<Schema extends TSchema>(
  schema: Schema,
  whole: string,
): (value: unknown) => Static<Schema> {
  // Compiled when it is first needed: every schema at the start would be megabytes that an idle process does not use.
  let compiled: ValidateFunction<Static<Schema>> | undefined;
  return (value) => {
    const validate = (compiled ??= ajv.compile<Static<Schema>>(schema));
    if (validate(value)) return value;
    throw new RegistryError('request.invalid', `${whole} does not have the documented form`, {
      errors: describeFaults(validate.errors ?? [])
        .slice(0, 20)
        .map((fault) => toItem(fault, whole)),
    });
  };
}

/**
 * A reader of JSON request bodies of one schema, at most 64 KiB.
 *
 * @throws RegistryError `request.unsupported_media_type`, `request.too_large`, `request.invalid` with every field that is wrong
 */
export function jsonBodyOf<Schema extends TSchema>(
  schema: Schema,
): (ctx: RequestContext) => Promise<Static<Schema>> {
  const check = checkOf(schema, 'the body');
  return async (ctx) => {
    if (!ctx.is('application/json')) {
      throw new RegistryError('request.unsupported_media_type', 'this endpoint takes application/json');
    }
    return check(parseJson(await readBody(ctx, JSON_LIMIT_BYTES)));
  };
}

function toItem({ path, what }: FieldFault, whole: string): ProblemDetailItem {
  const pointer = path.map(
    (key) => `/${printable(key, MAX_NAME_LENGTH).replaceAll('~', '~0').replaceAll('/', '~1')}`,
  );
  const where = path.length === 0 ? whole : pointer.join('');
  return { pointer: pointer.join(''), code: 'field.invalid', detail: `${where} ${what}` };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (cause) {
    throw new RegistryError('request.invalid', 'the body is not JSON', { cause });
  }
}
