import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import {
  encodeEnvelope,
  encodePublishStatement,
  encodeReceipt,
  encodeStanding,
  parseEnvelope,
  parseKeyEvent,
  parseLeaf,
  parsePublishStatement,
  parseReceipt,
  parseStanding,
} from '../src/index.js';
import { codeOf } from '../src/testing/codes.js';
import { createWorld } from '../src/testing/world.js';

const NAMES = ['envelope', 'statement', 'key-event', 'leaf', 'receipt', 'standing', 'key-file'] as const;
type Name = (typeof NAMES)[number];

const at = (path: string): URL => new URL(path, import.meta.url);
const source = (name: Name): string => readFileSync(at(`../schemas/${name}.schema.json`), 'utf8');
const vector = (name: string): unknown => JSON.parse(readFileSync(at(`../vectors/v1/${name}`), 'utf8'));
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const ajv = new Ajv2020({ allErrors: true });
const validators = new Map(NAMES.map((name) => [name, ajv.compile(JSON.parse(source(name)) as object)]));
const accepts = (name: Name, value: unknown): boolean => validators.get(name)?.(value) === true;

interface Document {
  readonly name: Name;
  readonly value: unknown;
}

const world = await createWorld();
const events = vector('key-events.json') as {
  events: readonly { event: unknown }[];
  signed: readonly { envelope: string }[];
};
const documents: readonly Document[] = [
  { name: 'envelope', value: JSON.parse(text(encodeEnvelope(world.receipt.envelope))) },
  ...events.signed.map(({ envelope }): Document => ({ name: 'envelope', value: JSON.parse(envelope) })),
  { name: 'statement', value: JSON.parse(text(encodePublishStatement(world.statement))) },
  ...events.events.map(({ event }): Document => ({ name: 'key-event', value: event })),
  ...(vector('leaves.json') as readonly { leaf: string }[]).map(({ leaf }): Document => ({
    name: 'leaf',
    value: JSON.parse(leaf),
  })),
  ...(vector('trusted.json') as { leaves: readonly { leaf: string }[] }).leaves.map(({ leaf }): Document => ({
    name: 'leaf',
    value: JSON.parse(leaf),
  })),
  { name: 'receipt', value: JSON.parse(text(encodeReceipt(world.receipt))) },
  { name: 'standing', value: JSON.parse((vector('standing.json') as { document: string }).document) },
  {
    name: 'standing',
    value: JSON.parse(text(encodeStanding({ events: [], checkpoint: world.receipt.checkpoint }))),
  },
  ...(vector('keys.json') as { files: readonly string[] }).files.map((file): Document => ({
    name: 'key-file',
    value: JSON.parse(file),
  })),
];

const PARSERS: Readonly<Record<Exclude<Name, 'key-file'>, (value: Uint8Array) => unknown>> = {
  envelope: parseEnvelope,
  statement: parsePublishStatement,
  'key-event': parseKeyEvent,
  leaf: parseLeaf,
  receipt: parseReceipt,
  standing: parseStanding,
};

/** Every document with one member left out, one of another type, and one too many, at any depth. */
function spoil(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.flatMap((item, i) => spoil(item).map((other) => items.with(i, other)));
  }
  if (typeof value !== 'object' || value === null) return [];
  const members = Object.entries(value);
  return [
    { ...value, unheardOf: 1 },
    ...members.flatMap(([name, member]) => [
      Object.fromEntries(members.filter(([other]) => other !== name)),
      { ...value, [name]: typeof member === 'string' ? 7 : 'seven' },
      ...spoil(member).map((other) => ({ ...value, [name]: other })),
    ]),
  ];
}

describe('the JSON schemas', () => {
  it.each(documents)('accept what is written: $name', ({ name, value }) => {
    expect(accepts(name, value)).toBe(true);
  });

  it('refuse what the parsers refuse of documents with one member changed, and accept nothing that they refuse', () => {
    const disagreeing: unknown[] = [];
    let refused = 0;
    for (const { name, value } of documents) {
      if (name === 'key-file') continue;
      for (const other of spoil(value)) {
        const isParsed = codeOf(() => PARSERS[name](bytes(other))) === 'nothing';
        const isAccepted = accepts(name, other);
        refused += isAccepted ? 0 : 1;
        // A schema cannot tell canonical JSON, nor that one member follows from another: it may accept more, but where a
        // member is missing, unknown or of another type it must see it.
        if (isParsed && !isAccepted) disagreeing.push({ name, other });
        if (!isParsed && isAccepted && name !== 'leaf' && name !== 'statement')
          disagreeing.push({ name, other });
      }
    }
    expect(disagreeing).toEqual([]);
    expect(refused).toBeGreaterThan(400);
  });

  it('stand in docs/FORMAT.md as they are in the files', () => {
    const file = at('../../../docs/FORMAT.md');
    const page = readFileSync(file, 'utf8');
    const appendix = NAMES.map((name) => `### ${name}\n\n\`\`\`json\n${source(name)}\`\`\`\n`).join('\n');
    const heading = '## Appendix: JSON Schemas\n\n';
    const [before = ''] = page.split(heading);
    if (process.env['SHEAF_WRITE_VECTORS'] === '1') writeFileSync(file, `${before}${heading}${appendix}`);
    expect(readFileSync(file, 'utf8')).toBe(`${before}${heading}${appendix}`);
  });
});
