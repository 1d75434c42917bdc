import type { MarkedText, SearchFacets, SearchResult } from '@sheaf/client/contract';
import type { Look, Rendered } from '../frame/command.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import type { Style } from '../terminal/style.js';
import { renderTable, type Column } from '../terminal/table.js';
import { padTo, plural } from '../terminal/text.js';

type Hit = SearchResult['hits'][number];

/** What a search found, and what it was asked for. */
interface Found extends SearchResult {
  readonly query: string;
  readonly filters: readonly string[];
  readonly showsFacets: boolean;
}

const FACETS = [
  ['tags', 'tag'],
  ['owners', 'owner'],
  ['licenses', 'licence'],
  ['permissions', 'permission'],
  ['states', 'state'],
] as const satisfies readonly (readonly [keyof SearchFacets, string])[];
/** Of each facet on a terminal; JSON has all. */
const SHOWN_VALUES = 8;

/** A line for each hit: a table on a terminal, else fields between tabs. Facets stand after it, apart from the answer. */
export function renderSearch(data: Found, look: Look): Rendered {
  const found = data.hits.length === 0 ? renderNone(data, look) : renderHits(data, look);
  if (!data.showsFacets || data.facets === undefined) return found;
  return { ...found, epilogue: facetLines(data.facets).join('\n') };
}

function renderHits(data: Found, look: Look): Rendered {
  const isAll = data.nextCursor === undefined;
  const total = `${plural(data.total, 'workflow')}${data.totalIsExact ? '' : ' or more'}`;
  const talk = isAll
    ? ''
    : `showing ${data.hits.length} of ${total}; next: the same with --cursor ${printable(data.nextCursor ?? '')}`;
  if (look.columns === undefined) return { answer: toTabs(data.hits), talk };
  return { answer: table(data.hits, look.columns, look.style), talk };
}

function facetLines(facets: SearchFacets): readonly string[] {
  return FACETS.flatMap(([name, noun]) => {
    const values = facets[name].slice(0, SHOWN_VALUES);
    const listed = values.map(({ value, workflows }) => `${printable(value)} ${workflows}`).join(' · ');
    return values.length === 0 ? [] : [`${padTo(noun, 10)}  ${listed}`];
  });
}

/** The name with what matched in it marked, when the registry marked the name that it sent. */
function markedId({ id, highlights }: Hit, style: Style): string {
  const pieces: MarkedText = highlights?.id ?? [];
  if (pieces.map(([text]) => text).join('') !== id) return style.bold(printable(id));
  return pieces
    .map(([text, isHit]) => style.bold(isHit ? style.cyan(printable(text)) : printable(text)))
    .join('');
}

/** Where nobody's terminal is known, lines are not cut. */
const UNCUT = 10_000;

function renderNone(data: Found, { talkColumns = UNCUT, talkStyle }: Look): Rendered {
  const words = data.query === '' ? '' : ` ${JSON.stringify(printable(data.query))}`;
  const what = `no workflow matches${words}`;
  const filters = data.filters.map((each) => printable(each)).join(' ');
  const excluded = filters === '' ? what : `${what} with ${filters}`;
  if (data.near.length > 0)
    return { talk: [`${excluded}; near it:`, table(data.near, talkColumns, talkStyle)].join('\n') };
  if (filters === '') return { talk: what };
  const without = [
    'sheaf search',
    ...data.query
      .split(' ')
      .filter((word) => word !== '')
      .map(shellWord),
  ].join(' ');
  return { talk: `${excluded}; without them: ${printable(without)}` };
}

/** Name, version, state, time, permissions, tags, description: for programs, uncut. */
function toTabs(hits: readonly Hit[]): string {
  const rows = hits.map((hit) => [
    hit.id,
    hit.version,
    hit.state,
    hit.publishedAt,
    hit.permissionKinds.join(','),
    hit.tags.join(','),
    hit.description ?? '',
  ]);
  return renderTable([], rows, { columns: undefined });
}

/** A narrow terminal keeps what identifies a workflow, and its state, and lets the rest go. */
const COLUMNS: readonly Column[] = [{}, { drop: 1 }, { least: 12, drop: 3 }, { drop: 2 }, {}];

function table(hits: readonly Hit[], columns: number, style: Style): string {
  const rows = hits.map((hit) => [
    { text: hit.id, paint: (text: string) => (text === hit.id ? markedId(hit, style) : text) },
    hit.version,
    hit.description ?? '',
    { text: hit.permissionKinds.join(' '), paint: style.dim },
    { text: hit.state === 'active' ? '' : hit.state, paint: style.yellow },
  ]);
  return renderTable(COLUMNS, rows, { columns, style });
}
