import type { ErrorObject } from 'ajv/dist/2020.js';

/** One thing that is wrong with a field. */
export interface FieldFault {
  /** Where, as a path of keys; empty for the whole. */
  readonly path: readonly string[];
  /** What, to be read behind the name of the field, such as `must be one of name, newest`. */
  readonly what: string;
}

interface Described {
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly { readonly const?: string | number | boolean }[];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly patternProperties?: unknown;
  readonly const?: unknown;
}

/**
 * What a validator found, each once, in words that say what is wanted instead: of an alternative the words, of a pattern
 * an example, of a field that is not known its name and those that are. The validator must be `verbose`.
 */
export function describeFaults(errors: readonly ErrorObject[]): readonly FieldFault[] {
  const faults = errors.filter((error) => !isAlternative(error)).map(describeFault);
  const first = new Map(faults.map((fault) => [`${fault.path.join('/')} ${fault.what}`, fault]));
  return [...first.values()];
}

/** The validator tells of every alternative that does not fit, and then of all of them. */
function isAlternative({ keyword, schemaPath }: ErrorObject): boolean {
  return keyword === 'const' && /\/anyOf\/\d+\/const$/.test(schemaPath);
}

function describeFault(error: ErrorObject): FieldFault {
  const path = keysOf(error.instancePath);
  const schema = (error.parentSchema ?? {}) as Described;
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      return { path: [...path, name], what: describeUnknown(schema) };
    }
    case 'required':
      return { path: [...path, String(params['missingProperty'])], what: 'is needed' };
    case 'pattern':
      return { path, what: describePattern(schema) ?? defaultText(error) };
    case 'const':
      return { path, what: `must be ${JSON.stringify(schema.const)}` };
    case 'anyOf':
      return { path, what: describeWords(schema) ?? defaultText(error) };
    default:
      return { path, what: defaultText(error) };
  }
}

function describeUnknown({ properties, patternProperties }: Described): string {
  if (patternProperties !== undefined) return 'does not have a name that may be used here';
  return `is not known here; known are ${Object.keys(properties ?? {}).join(', ') || 'none'}`;
}

function describePattern({ description, examples = [] }: Described): string | undefined {
  if (examples.length === 0) return description === undefined ? undefined : `must be ${description}`;
  const meant = description === undefined ? '' : ` (${description})`;
  return `must look like ${examples.map(String).join(' or ')}${meant}`;
}

function describeWords({ anyOf = [] }: Described): string | undefined {
  const words = anyOf.flatMap((each) => (each.const === undefined ? [] : [String(each.const)]));
  return words.length > 0 ? `must be one of ${words.join(', ')}` : undefined;
}

function defaultText({ message = 'is not valid' }: ErrorObject): string {
  return message
    .replace(/^must NOT have (fewer|more) than /, (_whole, which) =>
      which === 'fewer' ? 'must have at least ' : 'must have at most ',
    )
    .replace(/\b1 (item|character)s$/, '1 $1');
}

/** The tokens of a JSON pointer (RFC 6901 §4). */
function keysOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
