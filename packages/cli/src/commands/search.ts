import type { SearchResult } from '@sheaf/client/contract';
import { defineCommand, type Look, type Rendered } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import { cutTo, padTo, plural, widthOf } from '../terminal/text.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, withSession } from '../registry/session.js';

interface Found extends SearchResult {
  readonly query: string;
  readonly filters: readonly string[];
}

type Hit = SearchResult['hits'][number];

export const command = defineCommand<Found>({
  name: 'search',
  about: 'Find workflows by words of their name, description, tags and parameters.',
  positionals: { names: ['WORD'], required: 0, more: true },
  flags: [
    { name: 'tag', value: 'TAG', repeat: true, summary: 'only with this tag' },
    { name: 'owner', value: 'NS', summary: 'only of this namespace' },
    { name: 'license', value: 'SPDX', summary: 'only under this licence' },
    { name: 'limit', value: 'N', summary: 'at most so many (default 20)' },
    REGISTRY_FLAG,
  ],
  examples: ['sheaf search release notes', 'sheaf search notes --tag git --json'],
  exitCodes: [0, 3, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const query = input.positionals.join(' ');
      const tags = input.all('tag');
      const owner = input.get('owner');
      const license = input.get('license');
      const limit = readLimit(input.get('limit'));
      const [result] = await Promise.all([
        session.client.search({ text: query, tags, owner, license, limit }, { signal: context.signal }),
        assertSameLog(context, session),
      ]);
      const filters = [
        ...tags.map((tag) => `--tag ${tag}`),
        ...(owner === undefined ? [] : [`--owner ${owner}`]),
        ...(license === undefined ? [] : [`--license ${license}`]),
      ];
      return { data: { query, filters, ...result } };
    }),
  render: (data, look) => (data.hits.length === 0 ? renderNone(data, look) : renderHits(data, look)),
});

function readLimit(text: string | undefined): number {
  if (text === undefined) return 20;
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= 100) return Number(text);
  throw new CliError('usage.limit', `--limit ${JSON.stringify(text)} is not a number from 1 to 100`, {
    hint: 'sheaf search --help',
  });
}

function renderHits(data: Found, look: Look): Rendered {
  if (look.columns === undefined) return { answer: data.hits.map(toTabs).join('\n') };
  const more =
    data.total > data.hits.length
      ? `showing ${data.hits.length} of ${plural(data.total, 'workflow')}; --limit shows more`
      : '';
  return { answer: table(data.hits, look).join('\n'), talk: more };
}

function renderNone(data: Found, look: Look): Rendered {
  const what =
    data.query === ''
      ? 'no workflow matches'
      : `no workflow matches ${JSON.stringify(printable(data.query))}`;
  const filters =
    data.filters.length === 0 ? '' : ` with ${data.filters.map((each) => printable(each)).join(' ')}`;
  if (data.near.length === 0) return { talk: `${what}${filters}` };
  return {
    talk: [
      `${what}${filters}; near it:`,
      ...table(data.near, { ...look, columns: look.columns ?? 100 }),
    ].join('\n'),
  };
}

/** Name, version, state, time, permissions, tags, description: for programs, uncut. */
function toTabs(hit: Hit): string {
  const fields = [
    hit.id,
    hit.version,
    hit.state,
    hit.publishedAt,
    hit.permissionKinds.join(','),
    hit.tags.join(','),
    hit.description ?? '',
  ];
  return fields.map((field) => printable(field)).join('\t');
}

function table(hits: readonly Hit[], { columns = 80, style }: Look): readonly string[] {
  const rows = hits.map((hit) => ({
    id: printable(hit.id),
    version: printable(hit.version),
    description: printable(hit.description ?? ''),
    kinds: hit.permissionKinds.map((kind) => printable(kind)).join(' '),
    state: hit.state === 'active' ? '' : printable(hit.state),
  }));
  const widest = (pick: (row: (typeof rows)[number]) => string): number =>
    Math.max(...rows.map((row) => widthOf(pick(row))));
  const idWidth = Math.min(
    widest((row) => row.id),
    40,
  );
  const versionWidth = widest((row) => row.version);
  const kindsWidth = widest((row) => row.kinds);
  const stateWidth = widest((row) => row.state);
  const left = columns - 1 - idWidth - versionWidth - kindsWidth - stateWidth - 8;
  // A narrow terminal keeps what identifies a workflow and lets the rest go.
  const descriptionWidth = Math.max(
    0,
    Math.min(
      left,
      widest((row) => row.description),
    ),
  );
  return rows.map((row) =>
    [
      style.bold(padTo(row.id, idWidth)),
      padTo(row.version, versionWidth),
      ...(descriptionWidth < 8 ? [] : [padTo(cutTo(row.description, descriptionWidth), descriptionWidth)]),
      ...(left < 0 ? [] : [style.dim(padTo(row.kinds, kindsWidth))]),
      ...(row.state === '' ? [] : [style.yellow(row.state)]),
    ]
      .join('  ')
      .trimEnd(),
  );
}
