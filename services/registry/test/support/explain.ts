import { sql, type CompiledQuery, type KyselyPlugin } from 'kysely';
import { connectHotPool, type Db } from '../../src/db/connection.js';

/** A node of a plan of PostgreSQL, as far as it is looked at. */
interface PlanNode {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** What a statement has looked at. */
export interface Looked {
  /** Rows that all parts of the plan have read, those that they dropped included. */
  readonly rows: number;
  readonly indexes: ReadonlySet<string>;
}

/**
 * Does something over connections as those for publishing, and then its last statement once more, by the generic plan and taken
 * back at the end: what did it look at?
 */
export async function explainHot(databaseUrl: string, work: (db: Db) => Promise<unknown>): Promise<Looked> {
  const { db } = connectHotPool({ url: databaseUrl, maxConnections: 2, onConnectionError: () => undefined });
  try {
    const queries: CompiledQuery[] = [];
    const keeping: KyselyPlugin = {
      transformQuery: ({ node, queryId }) => {
        queries.push(db.getExecutor().compileQuery(node, queryId));
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    };
    await work(db.withPlugin(keeping));
    const query = queries.at(-1);
    if (!query) throw new Error('there was no statement');
    return await explain(db, query);
  } finally {
    await db.destroy();
  }
}

function explain(db: Db, { sql: text, parameters }: CompiledQuery): Promise<Looked> {
  return db.connection().execute(async (connection) => {
    const run = <Row>(statement: string) => sql.raw<Row>(statement).execute(connection);
    await run(`prepare looked as ${text}`);
    await run('begin');
    const values = parameters.map(literal).join(', ');
    const { rows } = await run<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
      `explain (analyze, timing off, format json) execute looked(${values})`,
    );
    await run('rollback');
    const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
    if (!plan) throw new Error('there is no plan');
    const nodes = nodesOf(plan);
    return {
      rows: nodes.reduce(
        (sum, node) =>
          sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
        0,
      ),
      indexes: new Set(nodes.flatMap((node) => node['Index Name'] ?? [])),
    };
  });
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function literal(value: unknown): string {
  const text = Array.isArray(value)
    ? `{${value.map((each) => JSON.stringify(each)).join(',')}}`
    : String(value);
  return value === null ? 'null' : `'${text.replaceAll("'", "''")}'`;
}
