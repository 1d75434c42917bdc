import type { DiagnosticCode } from '../diagnostics.js';
import type { JsonValue } from '../model.js';
import { MAX_FINDINGS, type Finding, type Path } from '../source/tree.js';
import { suggest } from '../suggest.js';
import { lowerFirst, printable, quote, tick } from '../text.js';
import type { JsonSchema, JsonType } from './json-schema.js';
import { isLaterKey } from './later.js';

/** Values of these named parts of the schema have a code of their own. */
const CODES: Readonly<Record<string, DiagnosticCode>> = {
  workflowId: 'name.invalid',
  version: 'version.invalid',
  range: 'dependency.range',
  license: 'license.invalid',
  homepage: 'homepage.invalid',
  glob: 'glob.invalid',
  tool: 'requirement.invalid',
  identifier: 'name.invalid',
  variable: 'env.invalid',
  duration: 'timeout.invalid',
  retention: 'timeout.invalid',
  outputName: 'name.invalid',
  inputName: 'name.invalid',
  loopName: 'name.invalid',
  uses: 'name.invalid',
  source: 'name.invalid',
};

interface Context {
  readonly root: JsonSchema;
  readonly findings: Finding[];
  /** The named part of the schema that is being checked. */
  readonly part: string;
  readonly at?: 'key';
}

/**
 * Checks data against a schema and says everything that is wrong with it, in words for people. The schema is interpreted: to load a
 * validator and compile this one small schema would cost each command more than all its other work.
 */
export function checkSchema(schema: JsonSchema, value: JsonValue): readonly Finding[] {
  const findings: Finding[] = [];
  check(schema, value, [], { root: schema, findings, part: 'definition' });
  return findings;
}

function check(schema: JsonSchema, value: JsonValue, path: Path, context: Context): void {
  if (context.findings.length >= MAX_FINDINGS) return;
  if (schema.$ref !== undefined) {
    const part = schema.$ref.slice('#/$defs/'.length);
    const target = context.root.$defs?.[part];
    if (target === undefined) throw new TypeError(`schema has no ${part}`);
    check(target, value, path, { ...context, part });
    return;
  }
  if (schema.type !== undefined && !hasType(schema.type, value)) {
    const found = describe(value);
    report(context, path, 'value.type', `${nameOf(path)} must be ${expected(schema.type)}, not ${found}`, {
      label: `this is ${found}`,
      hint: hintForType(schema, value, context.part),
    });
    return;
  }
  if (typeof value === 'number') checkNumber(schema, value, path, context);
  else if (typeof value === 'string') checkText(schema, value, path, context);
  else if (Array.isArray(value)) checkList(schema, value as readonly JsonValue[], path, context);
  else if (isTable(value)) checkTable(schema, value, path, context);
}

function hintForType(schema: JsonSchema, value: JsonValue, part: string): string | undefined {
  const isBare = typeof value === 'number' || typeof value === 'boolean';
  if (schema.type !== 'string' || part === 'duration' || !isBare) return schema.description;
  const whole = part === 'version' ? wholeVersion(String(value)) : undefined;
  return whole === undefined ? 'put it in quotes' : `write it in full, in quotes, like ${quote(whole)}`;
}

/** `0.1` and `v0.1` are 0.1.0 to people: what is missing is zero. */
function wholeVersion(text: string): string | undefined {
  const [, major, minor = '0', patch = '0'] =
    /^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  return major === undefined ? undefined : [major, minor, patch].map(Number).join('.');
}

function checkText(schema: JsonSchema, value: string, path: Path, context: Context): void {
  if (schema.enum?.includes(value) === false) {
    const near = suggest(value, schema.enum);
    const hint =
      near === undefined ? `use one of: ${schema.enum.join(', ')}` : `did you mean ${quote(near)}?`;
    report(context, path, 'value.invalid', `${quote(value)} is not a valid ${nameOf(path)}`, { hint });
  } else if (value.length < (schema.minLength ?? 0)) {
    report(context, path, CODES[context.part] ?? 'value.invalid', `${nameOf(path)} must not be empty`);
  } else if (value.length > (schema.maxLength ?? Infinity)) {
    const message = `${nameOf(path)} has ${value.length} characters, more than ${schema.maxLength ?? 0}`;
    report(context, path, CODES[context.part] ?? 'value.range', message);
  } else if (schema.pattern !== undefined && !compiled(schema.pattern).test(value)) {
    const what = context.at === 'key' ? 'name' : nameOf(path);
    report(context, path, CODES[context.part] ?? 'value.invalid', `${quote(value)} is not a valid ${what}`, {
      hint: hintForPattern(schema, value, context.part),
    });
  }
}

function checkNumber(schema: JsonSchema, value: number, path: Path, context: Context): void {
  const { minimum = -Infinity, maximum = Infinity } = schema;
  // What is no number at all is told by the reader.
  if (!(value < minimum) && !(value > maximum)) return;
  const message = `${nameOf(path)} must lie between ${minimum} and ${maximum}, not ${String(value)}`;
  report(context, path, 'value.range', message);
}

function hintForPattern(schema: JsonSchema, value: string, part: string): string | undefined {
  const whole = part === 'version' ? wholeVersion(value) : undefined;
  return whole === undefined ? schema.description : `write it in full, like ${quote(whole)}`;
}

function checkList(schema: JsonSchema, value: readonly JsonValue[], path: Path, context: Context): void {
  const limit = schema.maxItems ?? Infinity;
  if (value.length > limit) {
    report(context, path, 'value.range', `${nameOf(path)} has ${value.length} items, more than ${limit}`);
    return;
  }
  if (value.length < (schema.minItems ?? 0)) {
    report(context, path, 'value.range', `${nameOf(path)} must not be empty`);
  }
  const { items } = schema;
  if (items === undefined) return;
  value.forEach((item, at) => {
    check(items, item, [...path, at], context);
  });
}

function checkTable(
  schema: JsonSchema,
  value: Readonly<Record<string, JsonValue>>,
  path: Path,
  context: Context,
): void {
  const keys = Object.keys(value);
  if (keys.length > (schema.maxProperties ?? Infinity)) {
    const message = `${nameOf(path)} has ${keys.length} entries, more than ${schema.maxProperties ?? 0}`;
    report(context, path, 'value.range', message);
    return;
  }
  if (keys.length < (schema.minProperties ?? 0)) {
    report(context, path, 'value.range', `${nameOf(path)} must not be empty`);
  }
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(value, key));
  const meant = new Set(
    missing.length === 0 ? [] : keys.slice(0, MAX_MEANT).map((key) => findMeant(schema, key)),
  );
  for (const key of missing) {
    // One that is there under a wrong name is told once, where it stands.
    if (meant.has(key)) continue;
    report(context, path, 'key.missing', `${nameOf(path)} has no ${tick(key)}`, {
      hint: schema.properties?.[key]?.description ?? hintOf(schema.properties?.[key], context),
      at: 'key',
    });
  }
  for (const key of keys) checkEntry(schema, key, value[key] ?? null, [...path, key], context);
}

function checkEntry(schema: JsonSchema, key: string, value: JsonValue, path: Path, context: Context): void {
  const known = schema.properties !== undefined && Object.hasOwn(schema.properties, key);
  const entry = known ? schema.properties[key] : schema.additionalProperties;
  if (entry === false) {
    reportUnknown(schema, key, path, context);
    return;
  }
  if (!known && schema.propertyNames !== undefined) {
    check(schema.propertyNames, key, path, { ...context, at: 'key' });
  }
  if (entry !== undefined) check(entry, value, path, context);
}

function reportUnknown(schema: JsonSchema, key: string, path: Path, context: Context): void {
  if (isLaterKey(context.part, key)) {
    report(context, path, 'feature.unsupported', `this version does not run ${tick(key)}`, {
      at: 'key',
      hint: 'leave it out, or use a version of sheaf that has it',
    });
    return;
  }
  if (context.findings.length >= MAX_FINDINGS) return;
  const candidates = Object.keys(schema.properties ?? {});
  const near = findMeant(schema, key);
  report(context, path, 'key.unknown', `${nameOf(path.slice(0, -1))} has no key ${tick(key)}`, {
    at: 'key',
    label: 'unknown key',
    hint: near === undefined ? `known here: ${candidates.join(', ')}` : `did you mean ${tick(near)}?`,
  });
}

/** No table of a definition has as many keys; each is compared with those that there are. */
const MAX_MEANT = 100;

/** What other tools call what is meant, and no slip of the fingers leads to: the first of them that the table takes. */
const SYNONYMS: ReadonlyMap<string, string | readonly string[]> = new Map<string, string | readonly string[]>(
  [
    ['after', 'needs'],
    ['depends', 'needs'],
    ['depends_on', 'needs'],
    ['requires', 'needs'],
    ['cmd', 'run'],
    ['command', 'run'],
    ['script', 'run'],
    ['if', 'when'],
    ['condition', 'when'],
    ['environment', 'env'],
    ['args', ['parameters', 'with']],
    ['inputs', ['parameters', 'with']],
    ['params', ['parameters', 'with']],
    ['choices', 'values'],
    ['options', 'values'],
    ['max', 'maximum'],
    ['min', 'minimum'],
    ['regex', 'pattern'],
    ['summary', 'description'],
  ],
);

/** The key that an unknown one was most likely meant to be. */
export function findMeant(schema: JsonSchema, key: string): string | undefined {
  const { properties } = schema;
  if (properties === undefined || Object.hasOwn(properties, key) || schema.additionalProperties !== false)
    return undefined;
  const meant = SYNONYMS.get(key.toLowerCase()) ?? [];
  const other = [meant].flat().find((name) => Object.hasOwn(properties, name));
  if (other !== undefined) return other;
  return suggest(key, Object.keys(properties));
}

function report(
  context: Context,
  path: Path,
  code: DiagnosticCode,
  message: string,
  extra: { readonly hint?: string | undefined; readonly label?: string; readonly at?: 'key' } = {},
): void {
  if (context.findings.length >= MAX_FINDINGS) return;
  const at = extra.at ?? context.at;
  context.findings.push({
    code,
    message,
    path,
    ...(extra.hint === undefined ? {} : { hint: lowerFirst(extra.hint) }),
    ...(extra.label === undefined ? {} : { label: extra.label }),
    ...(at === undefined ? {} : { at }),
  });
}

function hintOf(schema: JsonSchema | undefined, context: Context): string | undefined {
  const name = schema?.$ref?.slice('#/$defs/'.length);
  return name === undefined ? undefined : context.root.$defs?.[name]?.description;
}

/** How messages call a place: its path with dots. */
export function nameOf(path: Path): string {
  if (path.length === 0) return 'the definition';
  // Cut before it is joined: keys may be as long as the file.
  const short = path.map((part) => (typeof part === 'string' ? part.slice(0, 121) : part));
  return printable(short.join('.'), 120);
}

function hasType(type: JsonType | readonly JsonType[], value: JsonValue): boolean {
  const actual = typeOf(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof type === 'string' ? type === actual : type.some((one) => one === actual);
}

function typeOf(value: JsonValue): JsonType | 'null' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object';
}

const NAMES: Readonly<Record<JsonType | 'null', string>> = {
  object: 'a table',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'empty',
};

function describe(value: JsonValue): string {
  return typeof value === 'boolean' ? String(value) : NAMES[typeOf(value)];
}

function expected(type: JsonType | readonly JsonType[]): string {
  return typeof type === 'string' ? NAMES[type] : type.map((one) => NAMES[one]).join(' or ');
}

export function isTable(value: JsonValue | undefined): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const PATTERNS = new Map<string, RegExp>();

/** The patterns are this package's own, and linear on any text. */
function compiled(pattern: string): RegExp {
  const known = PATTERNS.get(pattern);
  if (known !== undefined) return known;
  const made = new RegExp(pattern, 'u');
  PATTERNS.set(pattern, made);
  return made;
}
