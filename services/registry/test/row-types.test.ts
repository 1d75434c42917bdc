import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import ts from 'typescript';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connectDatabase, type Db } from '../src/db/connection.js';

/**
 * The row types of `db/` are written by hand, because they say more than the database knows: the members of a union, what
 * is in a json column, which columns nobody may write. What the database does know is compared with it here.
 */
const SCHEMA = join(dirname(fileURLToPath(import.meta.url)), '../src/db/schema.ts');

let db: Db;
beforeAll(() => {
  db = connectDatabase({ url: inject('databaseUrl'), maxConnections: 1, onConnectionError: () => undefined });
});
afterAll(() => db.destroy());

/** What a column is read as: the names of JavaScript types, `null` among them where there may be none. */
type Columns = Readonly<Record<string, string>>;

/** The columns of each table as the row types have them. */
function typedTables(): Record<string, Columns> {
  const program = ts.createProgram([SCHEMA], {
    strict: true,
    skipLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    customConditions: ['@sheaf/source'],
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(SCHEMA);
  if (!source) throw new Error(`${SCHEMA} is not there`);
  const database = source.statements
    .filter((statement) => ts.isInterfaceDeclaration(statement))
    .find(({ name }) => name.text === 'Database');
  if (!database) throw new Error('there is no interface Database');
  const columnsOf = (table: ts.Type) =>
    Object.fromEntries(
      checker
        .getPropertiesOfType(table)
        .map((column) => [column.name, readAs(checker, checker.getTypeOfSymbol(column))]),
    );
  return Object.fromEntries(
    checker
      .getPropertiesOfType(checker.getTypeAtLocation(database))
      .map((table) => [table.name, columnsOf(checker.getTypeOfSymbol(table))]),
  );
}

/** Of a `ColumnType`, what is selected. */
function readAs(checker: ts.TypeChecker, type: ts.Type): string {
  const selected = checker.getPropertyOfType(type, '__select__');
  const read = selected ? checker.getTypeOfSymbol(selected) : type;
  const names = (read.isUnion() ? read.types : [read]).map((member) => kindOf(checker, member));
  return [...new Set(names)].sort().join(' | ');
}

function kindOf(checker: ts.TypeChecker, type: ts.Type): string {
  if ((type.flags & ts.TypeFlags.Null) !== 0) return 'null';
  if ((type.flags & ts.TypeFlags.Never) !== 0) return 'never';
  if ((type.flags & ts.TypeFlags.StringLike) !== 0) return 'string';
  if ((type.flags & ts.TypeFlags.NumberLike) !== 0) return 'number';
  if ((type.flags & ts.TypeFlags.BooleanLike) !== 0) return 'boolean';
  if (checker.isArrayType(type)) return 'array';
  const name = type.getSymbol()?.name;
  return name === 'Date' || name === 'Buffer' ? name : 'json';
}

const KINDS: Readonly<Record<string, string>> = {
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float8: 'number',
  float4: 'number',
  text: 'string',
  date: 'string',
  tsvector: 'string',
  bool: 'boolean',
  bytea: 'Buffer',
  timestamptz: 'Date',
  jsonb: 'json',
  _text: 'array',
};

/** The columns of each table as the migrated database has them. */
async function migratedTables(): Promise<Record<string, Columns>> {
  const { rows } = await sql<{ table: string; column: string; type: string; nullable: 'YES' | 'NO' }>`
    select c.table_name as "table", c.column_name as "column", c.udt_name as type, c.is_nullable as nullable
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name not like 'kysely_%'`.execute(
    db,
  );
  const tables: Record<string, Record<string, string>> = {};
  for (const { table, column, type, nullable } of rows) {
    const kinds = [KINDS[type] ?? `unknown ${type}`, ...(nullable === 'YES' ? ['null'] : [])];
    (tables[table] ??= {})[column] = kinds.sort().join(' | ');
  }
  return tables;
}

test('every row type has the columns that its table has, with the types in which they are read', async () => {
  const typed = typedTables();
  const migrated = await migratedTables();
  expect(Object.keys(typed).length).toBeGreaterThan(30);
  const unknown = Object.keys(typed).filter((table) => !Object.hasOwn(migrated, table));
  expect(unknown).toEqual([]);
  const faults = Object.entries(typed).flatMap(([table, columns]) =>
    differences(columns, migrated[table] ?? {}).map((difference) => `${table}.${difference}`),
  );
  expect(faults).toEqual([]);
}, 120_000);

function differences(typed: Columns, migrated: Columns): readonly string[] {
  const names = [...new Set([...Object.keys(typed), ...Object.keys(migrated)])].sort();
  return (
    names
      // A column that nobody reads through the row type may be anything.
      .filter((name) => typed[name] !== migrated[name] && !(typed[name] === 'never' && name in migrated))
      .map(
        (name) =>
          `${name}: ${typed[name] ?? 'not typed'}, but the database has ${migrated[name] ?? 'no such column'}`,
      )
  );
}
