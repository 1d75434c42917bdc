import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FormatRegistry, Type, type TSchema } from '@sinclair/typebox';
import { TypeCompiler, type TypeCheck, type ValueError } from '@sinclair/typebox/compiler';
import { Value } from '@sinclair/typebox/value';
import type { JsonDocument } from '../src/json/parts/document.js';

const FOLDER = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src', 'json');

FormatRegistry.Set('date-time', (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text));

/** Every document that is described, by its name. */
export const DOCUMENTS: ReadonlyMap<string, JsonDocument> = await loadDocuments();

const compiled = new Map<string, TypeCheck<TSchema>>();

/** Where the whole suite notes which documents were printed in it: `npm test` looks whether one never was. */
const NOTES = process.env['SHEAF_TEST_DOCUMENTS'];

/**
 * Holds every JSON document among the lines against its schema, strictly: what the schema does not name may not be there.
 *
 * @throws Error that says which field of which document
 */
export function checkDocuments(stdout: string): void {
  for (const line of stdout.split('\n')) {
    const [, name] = /^\{"schema":"sheaf\.([a-z-]+)\/1"/.exec(line) ?? [];
    if (name === undefined) continue;
    const body = JSON.parse(line) as Record<string, unknown>;
    delete body['schema'];
    const check = checkOf(name);
    if (!check.Check(body)) {
      const errors = findErrors(name, body);
      throw new Error(
        `sheaf.${name}/1 is not as src/json/${name}.ts says:\n${errors.map(({ path, message }) => `  ${path}: ${message}`).join('\n')}\n${line}`,
      );
    }
    if (NOTES !== undefined) writeFileSync(join(NOTES, name), '');
  }
}

/** Of a document that may be one of several, what keeps it from being the one that it is nearest to. */
function findErrors(name: string, body: unknown): readonly ValueError[] {
  const whole = close(DOCUMENTS.get(name)?.body ?? Type.Never());
  const variants = (whole['anyOf'] as readonly TSchema[] | undefined) ?? [whole];
  const [nearest = []] = variants
    .map((variant) => [...Value.Errors(variant, body)])
    .sort((a, b) => a.length - b.length);
  return nearest.slice(0, 5);
}

function checkOf(name: string): TypeCheck<TSchema> {
  const before = compiled.get(name);
  if (before !== undefined) return before;
  const document = DOCUMENTS.get(name);
  if (document === undefined)
    throw new Error(`sheaf.${name}/1 is printed, and there is no packages/cli/src/json/${name}.ts`);
  const check = TypeCompiler.Compile(close(document.body));
  compiled.set(name, check);
  return check;
}

/** The schema with every object closed that does not say that it is open. */
function close(schema: TSchema): TSchema {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const copy: Record<string | symbol, unknown> = {};
    for (const key of Reflect.ownKeys(value))
      copy[key] = visit((value as Record<string | symbol, unknown>)[key]);
    if (copy['type'] === 'object' && 'properties' in copy && !('additionalProperties' in copy))
      copy['additionalProperties'] = false;
    return copy;
  };
  return visit(schema) as TSchema;
}

async function loadDocuments(): Promise<ReadonlyMap<string, JsonDocument>> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
  const loaded = await Promise.all(
    files.map(async (file) => {
      const { document } = (await import(pathToFileURL(join(FOLDER, file)).href)) as {
        document?: JsonDocument;
      };
      if (document?.name !== file.slice(0, -3))
        throw new Error(`src/json/${file} does not define its document`);
      return [document.name, document] as const;
    }),
  );
  return new Map(loaded);
}
