import type { AuditRecord } from '@sheaf/client/contract';
import type { Input } from '../frame/args.js';
import { defineCommand, type Look } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { AuditJson } from '../json/audit.js';
import { explainChoice } from '../registry/choices.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { renderTable, type Cell, type Column } from '../terminal/table.js';
import { hangText, shortId, widthOf } from '../terminal/text.js';

interface AuditData {
  readonly registry: string;
  readonly records: readonly AuditRecord[];
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 10_000;

export const command = defineCommand<AuditData, AuditJson>({
  name: 'audit',
  about: 'Show who did what: administrators see everything, owners their namespaces; newest first.',
  positionals: { names: [], required: 0 },
  flags: [
    { name: 'namespace', value: 'NS', completes: 'namespace', summary: 'in this namespace only' },
    { name: 'actor', value: 'NAME', summary: 'by this person only' },
    { name: 'action', value: 'ACTION', summary: 'this action only, such as key.revoke' },
    {
      name: 'after',
      value: 'TIME',
      summary: 'not before: 2026-01-31, or with a time in UTC, 2026-01-31T12:00:00Z',
    },
    { name: 'before', value: 'TIME', summary: 'earlier than' },
    {
      name: 'limit',
      value: 'N',
      summary: `at most so many (default ${DEFAULT_LIMIT}, at most ${MAX_LIMIT})`,
    },
    REGISTRY_FLAG,
  ],
  examples: ['sheaf audit --namespace acme', 'sheaf audit --action key.revoke --after 2026-01-01 --json'],
  exitCodes: [0, 2, 3, 4, 5, 6],
  run: async (context, input) => {
    const query = {
      namespace: input.get('namespace'),
      actor: input.get('actor'),
      action: input.get('action'),
      after: readTime(input, 'after'),
      before: readTime(input, 'before'),
      limit: readLimit(input),
    };
    return withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const given = input.all('action');
      try {
        const records = await session.client.listAuditRecords(query, { signal: context.signal });
        return { data: { registry: session.url, records } };
      } catch (error) {
        throw explainChoice(error, { flag: 'action', pointer: /^\?action$/, given });
      }
    });
  },
  render: ({ records }, look) => ({
    ...(records.length === 0 && { talk: 'nothing of it is in the audit' }),
    answer: renderRecords(records, look),
  }),
});

const COLUMNS: readonly Column[] = [{ drop: 1 }, { least: 8 }, {}, { least: 20 }, { drop: 4 }];
const INDENT = '    ';

/** A line a record; on a terminal where that has no room for the details, these stand below it, whole. */
function renderRecords(records: readonly AuditRecord[], look: Look): string {
  const rows = records.map((record) => cellsOf(record));
  const { columns } = look;
  const wide = renderTable([...COLUMNS.map(() => ({})), {}], rows, look);
  if (columns === undefined || wide.split('\n').every((line) => widthOf(line) <= columns)) return wide;
  const lines = renderTable(
    COLUMNS,
    rows.map((row) => row.slice(0, -1)),
    look,
  ).split('\n');
  return lines
    .flatMap((line, i) => {
      const detail = shorten(factsOf(records[i]).join('  '));
      return detail === ''
        ? [line]
        : [line, ...hangText(INDENT, printable(detail), columns).map(look.style.dim)];
    })
    .join('\n');
}

function factsOf(record: AuditRecord | undefined): readonly string[] {
  return Object.entries(record?.detail ?? {}).map(([name, value]) => `${name}=${value}`);
}

/** Time, who, what, on what, where in the log, and the rest as `name=value`. */
function cellsOf(record: AuditRecord): readonly Cell[] {
  const { at, actor = '-', action, namespace, workflow, version, logIndex } = record;
  const id = [namespace, workflow].filter((part) => part !== undefined).join('/');
  const facts = factsOf(record);
  return [
    { text: at.slice(0, 16).replace('T', ' '), full: at },
    // What has no actor, the registry did by itself, or its operator.
    actor,
    action,
    version === undefined ? id : `${id}@${version}`,
    logIndex === undefined ? '' : `log ${logIndex}`,
    { text: shorten(facts.join('  ')), full: facts.join(' ') },
  ];
}

/** A terminal shows enough of a digest to recognise it; the whole is for programs. */
function shorten(value: string): string {
  return value.replace(/\b[0-9a-f]{64}\b/g, shortId);
}

function readTime(input: Input, flag: 'after' | 'before'): string | undefined {
  const text = input.get(flag);
  if (text === undefined) return undefined;
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z$/.test(text);
  const atMs = isDate || isTime ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(atMs)) return new Date(atMs).toISOString();
  throw new CliError('usage.invalid_value', `--${flag} ${JSON.stringify(text)} is no time`, {
    hint: `sheaf audit --${flag} 2026-01-31`,
  });
}

function readLimit(input: Input): number {
  const text = input.get('limit') ?? String(DEFAULT_LIMIT);
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new CliError(
    'usage.invalid_value',
    `--limit ${JSON.stringify(text)} is not a number from 1 to ${MAX_LIMIT}`,
    {
      hint: 'sheaf audit --limit 100',
    },
  );
}
