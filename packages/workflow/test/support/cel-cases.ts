import { tests as conformance } from '@bufbuild/cel-spec/testdata/conformance.js';

import { fromJson } from '../../src/expression/json.js';
import type { Names } from '../../src/expression/evaluation.js';
import { durationOf, parseDuration, parseTimestamp } from '../../src/expression/time.js';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  NULL,
  STRING,
  TIMESTAMP,
  TYPE,
  UINT,
  type CelType,
  type RecordType,
} from '../../src/expression/types.js';
import { asKey, listOf, mapOfEntries, type CelKey, type CelValue } from '../../src/expression/value.js';

/** A case of the CEL specification's conformance suite, as values and types of this package. */
export interface CelCase {
  /** Like `macros/map/list_one`. */
  readonly name: string;
  readonly expression: string;
  readonly types: RecordType;
  readonly names: Names;
  readonly isChecked: boolean;
  /** Undefined where the evaluation must fail. */
  readonly value?: CelValue;
  readonly type?: CelType;
  /** Only the type is looked at. */
  readonly isTypeOnly: boolean;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Table = Readonly<Record<string, Json>>;

/** What needs protobuf messages or what belongs to them: enums, containers of names, wrappers and extensions. */
const PROTOBUF =
  /TestAllTypes|\.proto[23]|google\.protobuf\.(?!Timestamp|Duration)|google\.rpc|type\.googleapis\.com\/(?!google\.protobuf\.(?:Timestamp|Duration))|NestedMessage|GlobalEnum|\bcel\.expr\b/;

/** The cases of a section of the suite that need no protobuf. */
export function casesOf(section: string): readonly CelCase[] {
  const suite = conformance.suites?.find(({ name }) => name === section);
  if (suite === undefined) throw new Error(`the suite has no section ${section}`);
  return (suite.suites ?? []).flatMap((part) =>
    (part.tests ?? [])
      .map(({ original }) => original as Table)
      .filter((original) => !PROTOBUF.test(JSON.stringify(original)))
      .map((original) => readCase(`${section}/${part.name}/${text(original['name'])}`, original)),
  );
}

function readCase(name: string, original: Table): CelCase {
  const bindings = table(original['bindings']);
  const declarations = (original['typeEnv'] ?? []) as readonly Table[];
  const typed = table(original['typedResult']);
  const value = typed['result'] ?? original['value'];
  const fails = original['evalError'] !== undefined || original['anyEvalErrors'] !== undefined;
  const values = new Map(
    Object.entries(bindings).map(([id, binding]) => [id, readValue(table(table(binding)['value']))]),
  );
  return {
    name,
    expression: text(original['expr']),
    types: {
      kind: 'record',
      what: 'field',
      fields: new Map(
        declarations.map((declared) => [
          text(declared['name']),
          readType(table(table(declared['ident'])['type'])),
        ]),
      ),
    },
    names: { get: (id) => values.get(id), areDotted: true },
    isChecked: original['disableCheck'] !== true,
    isTypeOnly: original['checkOnly'] === true,
    // A case that says nothing else wants true.
    ...(fails ? {} : { value: value === undefined ? true : readValue(table(value)) }),
    ...(typed['deducedType'] === undefined ? {} : { type: readType(table(typed['deducedType'])) }),
  };
}

function table(json: Json | undefined): Table {
  return (json ?? {}) as Table;
}

/** Text, or a number that is written as one. */
function text(json: Json | undefined): string {
  return typeof json === 'string' || typeof json === 'number' ? String(json) : '';
}

/** A `cel.expr.Value` in the JSON form of protobuf. */
function readValue(value: Table): CelValue {
  const [kind = '', json = null] = Object.entries(value)[0] ?? [];
  switch (kind) {
    case 'int64Value':
      return BigInt(text(json));
    case 'uint64Value':
      return { kind: 'uint', value: BigInt(text(json)) };
    case 'doubleValue':
      return Number(json);
    case 'bytesValue':
      return { kind: 'bytes', value: Uint8Array.from(Buffer.from(text(json), 'base64')) };
    case 'typeValue':
      return { kind: 'type', name: text(json) };
    case 'listValue':
      return listOf(((table(json)['values'] ?? []) as readonly Table[]).map(readValue));
    case 'mapValue':
      return readMap((table(json)['entries'] ?? []) as readonly Table[]);
    case 'objectValue':
      return readMessage(table(json));
    default:
      return fromJson(json);
  }
}

function readMap(entries: readonly Table[]): CelValue {
  const found = new Map<CelKey, { readonly key: CelValue; readonly value: CelValue }>();
  for (const entry of entries) {
    const key = readValue(table(entry['key']));
    found.set(asKey(key) ?? '', { key, value: readValue(table(entry['value'])) });
  }
  return mapOfEntries(found);
}

function readMessage(message: Table): CelValue {
  const written = text(message['value']);
  if (message['@type'] === 'type.googleapis.com/google.protobuf.Timestamp') return parseTimestamp(written);
  return written === '' ? durationOf(0n) : parseDuration(written);
}

const PRIMITIVES: Readonly<Record<string, CelType>> = {
  BOOL,
  INT64: INT,
  UINT64: UINT,
  DOUBLE,
  STRING,
  BYTES,
};

/** A `cel.expr.Type` in the JSON form of protobuf. */
function readType(type: Table): CelType {
  if (type['primitive'] !== undefined) return PRIMITIVES[text(type['primitive'])] ?? DYN;
  if ('null' in type) return NULL;
  if (type['type'] !== undefined) return TYPE;
  const list = type['listType'];
  if (list !== undefined) return { kind: 'list', item: readType(table(table(list)['elemType'])) };
  const map = type['mapType'];
  if (map !== undefined) {
    return {
      kind: 'map',
      key: readType(table(table(map)['keyType'])),
      value: readType(table(table(map)['valueType'])),
    };
  }
  const name = type['messageType'] ?? type['wellKnown'];
  if (name === 'google.protobuf.Timestamp' || name === 'TIMESTAMP') return TIMESTAMP;
  return name === 'google.protobuf.Duration' || name === 'DURATION' ? DURATION : DYN;
}
