import type { MarkedText, SearchFacets, SearchResult } from '@sheaf/client/contract';
import type { Look, Rendered } from '../frame/command.js';
import { printable } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { cutTo, padTo, plural, widthOf } from '../terminal/text.js';

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
  if (look.columns === undefined) return { answer: data.hits.map(toTabs).join('\n'), talk };
  return { answer: table(data.hits, look).join('\n'), talk };
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
    marked: markedId(hit, style),
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
      row.marked + ' '.repeat(Math.max(0, idWidth - widthOf(row.id))),
      padTo(row.version, versionWidth),
      ...(descriptionWidth < 8 ? [] : [padTo(cutTo(row.description, descriptionWidth), descriptionWidth)]),
      ...(left < 0 ? [] : [style.dim(padTo(row.kinds, kindsWidth))]),
      ...(row.state === '' ? [] : [style.yellow(row.state)]),
    ]
      .join('  ')
      .trimEnd(),
  );
}
