import {
  SEARCH_SORTS,
  SEARCH_STATES,
  type SearchResult,
  type SearchSort,
  type SearchState,
} from '@sheaf/client/contract';
import { PERMISSION_KINDS } from '@sheaf/workflow';
import { remember } from '../completion/candidates.js';
import { defineCommand, omit } from '../frame/command.js';
import type { Input } from '../frame/args.js';
import { CliError } from '../frame/errors.js';
import type { SearchJson } from '../json/search.js';
import { renderSearch } from '../output/search.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, withSession } from '../registry/session.js';

/** What was searched for, and what was found. */
export interface Found extends SearchResult {
  readonly query: string;
  /** Filters as they were given, such as `--tag git`. */
  readonly filters: readonly string[];
  readonly sort: SearchSort;
  /** Whether facets are printed; JSON always has them. */
  readonly showsFacets: boolean;
}

export const command = defineCommand<Found, SearchJson>({
  name: 'search',
  about: 'Find workflows by words of their name, description, tags, parameters and permissions.',
  positionals: { names: ['WORD'], completes: [[]], required: 0, more: true },
  flags: [
    { name: 'tag', value: 'TAG', repeat: true, summary: 'only with this tag' },
    { name: 'owner', value: 'NS', completes: 'namespace', summary: 'only of this namespace' },
    { name: 'license', value: 'SPDX', summary: 'only under this licence' },
    { name: 'permission', value: 'KIND', summary: `only what asks for ${PERMISSION_KINDS.join(', ')}` },
    { name: 'state', value: 'STATE', summary: `only ${SEARCH_STATES.join(' or ')}` },
    { name: 'sort', value: 'ORDER', summary: `${SEARCH_SORTS.join(', ')} (default relevance)` },
    { name: 'facets', summary: 'also count tags, owners, licences, permissions and states' },
    { name: 'limit', value: 'N', summary: 'at most so many (default 20)' },
    { name: 'cursor', value: 'CURSOR', summary: 'go on where a page ended' },
    REGISTRY_FLAG,
  ],
  examples: ['sheaf search release notes', 'sheaf search notes --tag git --sort downloads --facets'],
  exitCodes: [0, 3, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const query = input.positionals.join(' ');
      const asked = readFilters(input);
      const sort = readWord(input, 'sort', SEARCH_SORTS) ?? 'relevance';
      const page = { limit: readLimit(input.get('limit')), cursor: input.get('cursor') };
      const [result] = await Promise.all([
        session.client.search({ text: query, ...asked, sort, ...page }, { signal: context.signal }),
        assertSameLog(context, session),
      ]);
      const { tags, ...others } = asked;
      const filters = [
        ...tags.map((tag) => `--tag ${tag}`),
        ...Object.entries(others).flatMap(([name, value]) =>
          value === undefined ? [] : [`--${name} ${value}`],
        ),
      ];
      await remember(
        context,
        'reference',
        result.hits.map(({ id }) => id),
      );
      return { data: { query, filters, sort, showsFacets: input.has('facets'), ...result } };
    }),
  toJson: (data) => omit(data, 'showsFacets'),
  render: renderSearch,
});

function readFilters(input: Input) {
  return {
    tags: input.all('tag'),
    owner: input.get('owner'),
    license: input.get('license'),
    permission: readWord(input, 'permission', PERMISSION_KINDS),
    state: readWord<SearchState>(input, 'state', SEARCH_STATES),
  };
}

function readWord<Word extends string>(input: Input, name: string, words: readonly Word[]): Word | undefined {
  const text = input.get(name);
  const word = words.find((each) => each === text);
  if (text === undefined || word !== undefined) return word;
  throw new CliError('usage.filter', `--${name} ${JSON.stringify(text)} is none of ${words.join(', ')}`, {
    hint: 'sheaf search --help',
  });
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return 20;
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= 100) return Number(text);
  throw new CliError('usage.limit', `--limit ${JSON.stringify(text)} is not a number from 1 to 100`, {
    hint: 'sheaf search --help',
  });
}
