import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';

import { definitionSchema } from '../src/index.js';
import { checkSchema } from '../src/schema/check.js';
import type { JsonValue } from '../src/model.js';

const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictTypes: false }).compile(
  definitionSchema,
);
const FOLDER = join(import.meta.dirname, 'testdata', 'golden');

/** Golden cases that are TOML and JSON: the validator of the test knows no dates. */
const DATA = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.workflow.toml'))
  .flatMap((name): (readonly [string, JsonValue])[] => {
    try {
      const table = parse(readFileSync(join(FOLDER, name), 'utf8'), { maxDepth: 32 });
      return [[name, JSON.parse(JSON.stringify(table)) as JsonValue]];
    } catch {
      return [];
    }
  });

/** Every way to spoil one value of a document. */
function mutate(value: JsonValue): readonly JsonValue[] {
  const others: readonly JsonValue[] = [null, 1, 'x', '', true, [], {}, ['x'], { x: 1 }, 'x'.repeat(40_000)];
  if (value === null || typeof value !== 'object') return others;
  if (Array.isArray(value)) {
    const list = value as readonly JsonValue[];
    return [...others, ...list.flatMap((item, at) => mutate(item).map((other) => list.with(at, other)))];
  }
  const table = value as Readonly<Record<string, JsonValue>>;
  return [
    ...others,
    { ...table, zzz: 1 },
    ...Object.keys(table).flatMap((key) => [
      Object.fromEntries(Object.entries(table).filter(([name]) => name !== key)),
      ...mutate(table[key] ?? null).map((other) => ({ ...table, [key]: other })),
    ]),
  ];
}

describe('the schema', () => {
  it('has data to be checked with', () => {
    expect(DATA.length).toBeGreaterThan(25);
  });

  it.each(DATA)('is read as a full validator reads it: %s', (_name, data) => {
    expect(checkSchema(definitionSchema, data).length === 0).toBe(validate(data));
  });

  it('is read as a full validator reads it whatever single value is wrong', () => {
    const full = DATA.find(([name]) => name.startsWith('valid-full'))?.[1] ?? null;
    const mutants = mutate(full);
    expect(mutants.length).toBeGreaterThan(500);
    for (const mutant of mutants) {
      const findings = checkSchema(definitionSchema, mutant);
      // What a later version brings is told apart, but is refused all the same.
      expect([findings.length === 0, mutant]).toEqual([validate(mutant), mutant]);
    }
  });
});
